"""Everything that reads levels."""
