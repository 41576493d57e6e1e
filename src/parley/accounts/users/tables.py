"""The table of users. They belong to no organization, so its keys have no project in front."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

MAX_NAME_LENGTH = 150
"""Of a first and of a last name."""

UNDO_SEND_S = 5
"""How many seconds a reply waits before it is sent, for who has chosen nothing else."""

user_account = Table(
    "user_account",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("email", String(MAX_EMAIL_LENGTH), nullable=False, unique=True),  # lower case
    Column("password_hash", Text, nullable=False),
    Column("first_name", String(MAX_NAME_LENGTH), nullable=False, default=""),
    Column("last_name", String(MAX_NAME_LENGTH), nullable=False, default=""),
    Column("distinct_id", String(200), nullable=False, unique=True),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("is_email_verified", Boolean, nullable=False, default=False),
    Column("hedgehog_config", Json),
    Column("role_at_organization", String(64)),
    Column("notification_settings", Json),  # the mails that they have turned off, or on again
    Column("current_organization_id", Uuid, ForeignKey("organization.id", ondelete="SET NULL")),
    Column("current_project_id", Integer),  # a wish, checked when it is read
    Column("created_at", UtcDateTime, nullable=False),
    Column("two_factor_at", UtcDateTime),  # since when signing in takes a second factor, if it does
    Column(
        "undo_send_s", Integer
    ),  # how long a reply waits before it is sent; none: as long as for everybody
    Column("theme_mode", String(10)),  # light or dark; none: as the device has it
    # What `email` was before it went to another account; until a new one is set, `email` has no mailbox.
    Column("former_email", String(MAX_EMAIL_LENGTH), index=True),
)
