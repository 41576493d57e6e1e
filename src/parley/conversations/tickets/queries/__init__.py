"""Every SELECT of tickets and messages."""
