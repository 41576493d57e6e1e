"""What the ledger says: states, header fields, and what providers tell."""
