"""The API of one ticket: what the team is shown of it, and how it opens, reads and changes it. Owns no table."""

API_TAG = "tickets"  # in the OpenAPI document
