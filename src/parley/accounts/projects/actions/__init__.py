"""Everything that changes projects."""
