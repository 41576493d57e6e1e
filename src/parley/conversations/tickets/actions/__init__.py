"""Every change of tickets and messages."""
