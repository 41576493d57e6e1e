"""Tickets and their messages: the heart of Parley.

Owns `ticket`, `comment`, `ticket_tag` and `ticket_ledger`. The widget, mail, the API and the inbox all change tickets
through `actions`; every read of a ticket starts from `queries.visible`.
"""

TICKETS = "/api/projects/{project_id:str}/conversations/tickets"
TICKET = TICKETS + "/{key:str}"
