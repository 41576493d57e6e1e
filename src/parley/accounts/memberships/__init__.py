"""Memberships: who is in which organization, with which level, and who is available for work on tickets."""
