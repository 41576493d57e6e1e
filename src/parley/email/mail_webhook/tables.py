"""Tokens of requests that the provider has signed, as long as a signature is good."""

from sqlalchemy import Column, Index, String, Table

from parley.kernel.database.columns import UtcDateTime, metadata

# It belongs to no project: a signature is good for any recipient.
mail_webhook_token = Table(
    "mail_webhook_token",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("delivery_digest", String(64), nullable=False),  # of the mail that came with it
    Column("taken_at", UtcDateTime, nullable=False),
    Index(None, "taken_at"),
)
