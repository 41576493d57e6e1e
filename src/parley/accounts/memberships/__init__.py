"""Memberships: who is in which organization, with which level, and who is available for work on tickets.

Writes `membership`. Joining and leaving, with all that goes with it, is in `members`.
"""
