"""Everything that suggestions read."""
