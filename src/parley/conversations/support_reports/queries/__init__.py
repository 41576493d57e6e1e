"""Everything that reports read."""
