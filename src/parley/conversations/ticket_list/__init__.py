"""The list of tickets: its filters, its order, its pages and its count."""

API_TAG = "tickets"  # in the OpenAPI document
