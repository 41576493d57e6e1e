"""Persons: who a visitor is, under which distinct ids, with which properties.

Owns `person` and `person_distinct_id`. Capture, tickets and pages read them; only `actions` here changes them.
"""
