"""Everything that reads the tables of accounts."""
