"""Retention: how many of those who did one thing in a period did another in later ones. Owns no table."""
