"""Persons: who a visitor is, under which distinct ids, with which properties.

Owns `person`, `person_distinct_id` and `person_tally` (how many persons a project has). Captured events ask for operations
on persons: `rules/merging.py` plans what becomes of them, `actions/capture.py` writes it. Tickets and pages look
persons up in `queries/lookups.py`.
"""

PERSONS = "/api/projects/{project_id:str}/persons"
PERSON = PERSONS + "/{person_id:str}"
