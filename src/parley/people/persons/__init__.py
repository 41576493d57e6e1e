"""Persons: who a visitor is, under which distinct ids, with which properties.

Owns `person`, `person_distinct_id` and `person_tally`. Capture, tickets and pages read them; only `actions`
here changes them.
"""
