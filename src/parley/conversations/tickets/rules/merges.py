"""How many tickets may become one."""

MAX_MERGED = 500
"""Tickets that may be merged into one: every list shows their numbers, and undoing may have to look at each."""
