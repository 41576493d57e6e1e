"""Status, priority, tags, assignee or snooze of many tickets are changed by one request (docs/tickets.md#many-at-once).

Owns the table of bulk changes that can be undone for some minutes (docs/tickets.md#undoing).
"""

API_TAG = "tickets"  # in the OpenAPI document
BULK_CHANGES = "/api/projects/{project_id:str}/conversations/bulk_changes"
