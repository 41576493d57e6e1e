"""Merging: tickets become one, and two again; messages are split off into a ticket of their own."""

API_TAG = "tickets"  # in the OpenAPI document
