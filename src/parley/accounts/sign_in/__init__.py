"""Signing in and out, and the login throttle: the limits on guessing passwords and links.

Owns no table: it opens and ends `sessions`.
"""
