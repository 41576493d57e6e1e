"""Changing a password, and the link for one that is forgotten."""
