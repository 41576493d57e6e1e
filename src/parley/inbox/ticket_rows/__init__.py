"""The list of tickets: which one an address names, its filters, and its rows."""
