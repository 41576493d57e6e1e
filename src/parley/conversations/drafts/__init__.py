"""Drafts: what somebody is writing on a ticket and has not sent yet, kept for them alone, on every device of theirs.

A draft goes when it is sent, and with its ticket, its author, or its project. Owns `message_draft`.
"""

API_TAG = "tickets"  # in the OpenAPI document
