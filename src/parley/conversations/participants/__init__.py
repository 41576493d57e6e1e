"""Participants: people who take part in a ticket besides its requester. Owns `ticket_participant`."""

API_TAG = "tickets"  # in the OpenAPI document
