"""Participants: who takes part in a conversation beside the requester."""

API_TAG = "tickets"  # in the OpenAPI document
