"""Everything that is known of one person."""
