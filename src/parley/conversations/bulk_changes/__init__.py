"""Status, tags, assignee or snooze of many tickets are changed by one request (docs/tickets.md#many-at-once)."""

API_TAG = "tickets"  # in the OpenAPI document
