"""Memberships: the rows that say who is in which organization, with which level, and who is available for work.

Writes `membership`. What happens around such a row when somebody joins, gets another level or leaves is in `members`.
"""
