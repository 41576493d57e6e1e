"""Decisions about mail that goes out: to whom, how much of it, and when it is tried again."""
