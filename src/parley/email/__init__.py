"""E-mail: channels, what comes in and is kept in a ledger, and what goes out."""
