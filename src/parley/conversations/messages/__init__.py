"""Messages: what the team and customers write on a ticket, and the comments of other things."""

API_TAG = "tickets"  # in the OpenAPI document
