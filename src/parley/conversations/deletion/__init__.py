"""Tickets are deleted, can be restored for 14 days, and are removed for good after that."""

API_TAG = "tickets"  # in the OpenAPI document
