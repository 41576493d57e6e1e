"""Changing shares, and unlocking them."""
