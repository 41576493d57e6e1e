"""Passwords: which ones are good enough, and their hashes. Owns no table."""
