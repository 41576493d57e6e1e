"""Signing in and out, and the limits on guessing passwords and links. Owns no table."""
