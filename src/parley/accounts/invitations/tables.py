"""The table of invitations."""

from sqlalchemy import Column, ForeignKey, Index, Integer, SmallInteger, String, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

invite = Table(
    "invite",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, ForeignKey("organization.id", ondelete="CASCADE"), nullable=False),
    Column("target_email", String(MAX_EMAIL_LENGTH), nullable=False),
    Column("level", SmallInteger, nullable=False),
    # Of the link that is shown to the person who invites, and of the one that is in the mail alone.
    Column("token_hash", String(80), nullable=False, unique=True),
    Column("mail_token_hash", String(80)),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_invite_mail_token_hash", "mail_token_hash", unique=True),
    Index("ix_invite_organization_id_created_at", "organization_id", "created_at"),
    Index("ix_invite_target_email", "target_email"),
)
