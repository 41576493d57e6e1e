"""Tickets and their messages: the heart of Parley.

Owns the tables of `tables.py`. The widget, the API and the inbox change tickets through `actions`. A caller's ticket comes
from `queries/tickets.py`, or from `queries/authorised.py` to be changed; both check the caller's level.
"""

TICKETS = "/api/projects/{project_id:str}/conversations/tickets"
TICKET = TICKETS + "/{key:str}"
