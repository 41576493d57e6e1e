"""Changing a password, and the link by mail for one that is forgotten.

Writes `password_reset`. A new password ends sessions and, unless they are kept, API keys.
"""
