"""Status, priority, tags, assignee or snooze of many tickets are changed by one request (docs/tickets.md#many-at-once).

Owns the table of bulk changes that can be undone for some minutes (docs/inbox.md).
"""

API_TAG = "tickets"  # in the OpenAPI document
