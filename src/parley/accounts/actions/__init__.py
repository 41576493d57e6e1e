"""Everything that changes the tables of accounts."""
