"""Inbound mail: kept raw before anything else, then interpreted; the ledger says what became of each mail.

Owns the table inbound_message, and the objects `<project>/inbound/<id>` that hold the raw mails.
"""

PATH = "/api/projects/{project_id:str}/conversations/inbound_messages"
