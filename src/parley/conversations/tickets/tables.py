"""Tables of tickets and messages."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

LIVE = text("deleted_at IS NULL")
IN_FACTS = text("status <> ''")  # as every status is
FACTS = text("deleted_at IS NULL AND status <> ''")
IN_INDEX = (
    "project_id", "status", "priority", "assignee_user_id", "assignee_role_id", "channel_source", "channel_detail",
    "sla_due_at", "snoozed_until", "updated_at", "created_at", "number", "id", "deleted_at",
)  # fmt: skip
UNREAD = text("unread_team_count > 0 AND status <> 'resolved' AND deleted_at IS NULL")
ASSIGNED = text("assignee_user_id IS NOT NULL AND deleted_at IS NULL")
HAS_SLA = text("sla_due_at IS NOT NULL AND deleted_at IS NULL")
OF_ROLE = text("assignee_role_id IS NOT NULL AND deleted_at IS NULL")
HAS_PRIORITY = text("priority IS NOT NULL AND deleted_at IS NULL")
HAS_ADDRESS = text("email_from IS NOT NULL")
IN_SLACK = text("slack_thread_ts IS NOT NULL")
SNOOZED = text("snoozed_until IS NOT NULL AND deleted_at IS NULL")
FREE = text(
    "assignee_user_id IS NULL AND assignee_role_id IS NULL AND snoozed_until IS NULL AND status <> 'resolved' "
    "AND deleted_at IS NULL"
)
OWED = text("sla_due_at IS NOT NULL AND status <> 'resolved' AND deleted_at IS NULL")
DELETED = text("deleted_at IS NOT NULL AND NOT is_merged")
MERGED = text("undone_at IS NULL")
OF_CUSTOMER = text("author_type = 'customer'")
VERIFIED = "identity_verified = {true}"
ANSWERS = text("answers_ticket_id IS NOT NULL")
ADDRESSED = text("claim_email IS NOT NULL")
# The address that a customer entered, whole, and as ix_ticket_told_email finds it: in its words, or it serves nobody.
STATED_EMAIL = literal_column("anonymous_traits ->> 'email'", Text)
INDEXED_EMAIL = "lower(substr(anonymous_traits ->> 'email', 1, 254))"
STATED_EMAIL_KEY = literal_column(INDEXED_EMAIL, Text)
VIA = text("via_ticket_id IS NOT NULL")


def partial_index(name: str, *columns: Any, where: TextClause, unique: bool = False) -> Index:
    """Return an index of the rows for which a condition holds, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


ticket = Table(
    "ticket",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False),  # 1, 2, 3, ... without gaps in a project, never used again
    Column("status", String(20), nullable=False),
    Column("priority", String(20)),
    Column("channel_source", String(20), nullable=False),
    Column("channel_detail", String(40)),
    Column("distinct_id", String(400), nullable=False),
    Column("widget_session_id", Uuid, nullable=False),
    # True: the project's server has signed the distinct id. False: the visitor only claims it. None: the team named it.
    Column("identity_verified", Boolean),
    # Whose it is said to be: the address to which the team opened it without naming a distinct id. Only somebody
    # who is signed as that address reaches it, since the distinct id was looked up among what anybody may have captured.
    Column("claim_email", String(254)),
    # A verified person has written here, so that whoever holds nothing but the widget session has lost it.
    Column("closed_to_sessions", Boolean, nullable=False, default=False, server_default=false()),
    Column("anonymous_traits", Json, nullable=False),
    Column("session_id", String(64)),
    Column("session_context", Json, nullable=False),
    Column("ai_resolved", Boolean, nullable=False),
    Column("escalation_reason", Text),
    Column("assignee_user_id", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("assignee_role_id", Uuid, ForeignKey("role.id", ondelete="SET NULL")),
    Column("message_count", Integer, nullable=False),
    Column("last_message_at", UtcDateTime),
    Column("last_message_text", String(500)),
    Column("unread_team_count", Integer, nullable=False),
    Column("unread_customer_count", Integer, nullable=False),
    Column("sla_due_at", UtcDateTime),
    Column("first_response_at", UtcDateTime),  # the first message of the team that the customer sees
    Column("snoozed_until", UtcDateTime),
    Column("email_subject", String(500)),
    Column("email_from", String(254)),
    # The channel by which the customer wrote, and answers go out, and its address.
    Column("email_channel_id", Uuid),
    Column("email_to", String(254)),
    Column("cc_participants", Json, nullable=False),
    # The thread in Slack that it is about, and the workspace of that.
    *(Column(name, String(40)) for name in ("slack_channel_id", "slack_thread_ts", "slack_team_id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # When it left every list: deleted, or merged into another one. What is set here, nobody but the merging and the
    # restoring sees.
    Column("deleted_at", UtcDateTime),
    Column("deleted_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("is_merged", Boolean, nullable=False, default=False, server_default=false()),
    # The numbers of the tickets that are merged into this one, directly or through others; sorted.
    Column("merged_numbers", Json, nullable=False, default=[], server_default="[]"),
    # It was on one side of a merge or split once, so that not all of its messages are for its own visitors, or not all
    # of theirs are on it.
    Column("has_been_merged", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("project_id", "number"),
    partial_index("ix_ticket_recent", "project_id", "updated_at", "number", where=LIVE),
    partial_index("ix_ticket_status", "project_id", "status", "updated_at", "number", where=LIVE),
    partial_index("ix_ticket_created", "project_id", "created_at", "number", where=LIVE),
    partial_index(
        "ix_ticket_assignee", "project_id", "assignee_user_id", "updated_at", "number", where=ASSIGNED
    ),
    partial_index("ix_ticket_role", "project_id", "assignee_role_id", "updated_at", "number", where=OF_ROLE),
    partial_index("ix_ticket_priority", "project_id", "priority", "updated_at", "number", where=HAS_PRIORITY),
    partial_index("ix_ticket_email", "project_id", text("lower(email_from)"), where=HAS_ADDRESS),
    partial_index(
        "ix_ticket_slack", "project_id", "slack_channel_id", "slack_thread_ts", unique=True, where=IN_SLACK
    ),
    partial_index("ix_ticket_sla", "project_id", "sla_due_at", "number", where=HAS_SLA),
    partial_index("ix_ticket_snooze", "project_id", "snoozed_until", "number", where=SNOOZED),
    # What waits for somebody, and what somebody waits for: few of all tickets, and counted whenever a list changes.
    # Nobody is a value for SQLite, too: it takes the index for the columns in it, not for its condition.
    partial_index("ix_ticket_free", "project_id", "assignee_user_id", "assignee_role_id", "id", where=FREE),
    partial_index("ix_ticket_owed", "project_id", "sla_due_at", "id", where=OWED),
    # Everything that filters look at, so that counting needs nothing but the index; SQLite reads its condition, too.
    # Only statements that say IN_FACTS take it: SQLite, which knows no statistics, would take it for everything.
    partial_index("ix_ticket_facts", *IN_INDEX, where=FACTS),
    Index("ix_ticket_session", "project_id", "widget_session_id", "created_at"),
    Index("ix_ticket_distinct_id", "project_id", "distinct_id", "created_at"),
    Index(
        "ix_ticket_claim",
        "project_id",
        text("lower(distinct_id)"),
        sqlite_where=text(VERIFIED.format(true="1")),
        postgresql_where=text(VERIFIED.format(true="true")),
    ),
    partial_index("ix_ticket_claim_email", "project_id", "claim_email", where=ADDRESSED),
    partial_index("ix_ticket_unread", "project_id", "unread_team_count", where=UNREAD),
    partial_index("ix_ticket_snoozed", "snoozed_until", where=SNOOZED),
    # For erasing, and for giving back, what somebody wrote who told only an address.
    Index("ix_ticket_told_email", "project_id", text(INDEXED_EMAIL)),
    partial_index("ix_ticket_deleted", "deleted_at", "project_id", where=DELETED),
)

ticket_tag = Table(
    "ticket_tag",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("name", String(255), primary_key=True),  # trimmed and lower-cased
    Column("merge_id", Uuid),  # the merge that brought it here
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_ticket_tag_name", "project_id", "name", "ticket_id"),
)

comment = Table(
    "comment",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("scope", String(79), nullable=False),  # `conversations_ticket` for messages
    Column("item_id", String(72)),
    # The item_id as a key, of messages and of remarks about a ticket (scope `Ticket`, which are always private).
    Column("ticket_id", Uuid),
    Column("item_context", Json, nullable=False),
    Column(
        "author_type", String(20), nullable=False, default=""
    ),  # of messages: customer, support, human, team, AI
    Column("is_private", Boolean, nullable=False, default=False),  # of messages: private notes of the team
    Column("content", Text, nullable=False),
    Column("rich_content", Json),
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("source_comment_id", Uuid),
    Column("is_task", Boolean, nullable=False, default=False),
    Column("completed_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=0),
    Column("deleted", Boolean, nullable=False, default=False),
    # The ticket that it was addressed to, where that is not the one that it is on: its visitors are those who see it.
    Column("via_ticket_id", Uuid),
    # The ticket that it was on when it was written, where that is merged into the one that it is on now: un-merging
    # brings it back there. It differs from the one above for what was addressed to a merged ticket.
    Column("home_ticket_id", Uuid),
    # Of an answer on a target: the ticket that was merged into it and is separate again. Its customer had asked, so
    # they go on seeing the answer.
    Column("answers_ticket_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_comment_ticket", "project_id", "ticket_id", "created_at", "id"),
    Index("ix_comment_item", "project_id", "scope", "item_id", "created_at", "id"),
    Index("ix_comment_recent", "project_id", "created_at", "id"),
    partial_index("ix_comment_via", "project_id", "via_ticket_id", "created_at", where=VIA),
    partial_index("ix_comment_answers", "project_id", "answers_ticket_id", where=ANSWERS),
    # Whatever somebody wrote, on whichever ticket: found when they are to be forgotten.
    partial_index(
        "ix_comment_customer",
        "project_id",
        text("substr(item_context ->> 'distinct_id', 1, 400)"),
        where=OF_CUSTOMER,
    ),
)

ticket_merge = Table(
    "ticket_merge",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("merged_id", Uuid, nullable=False),
    Column("survivor_id", Uuid, nullable=False),
    Column("before", Json, nullable=False),  # what undoing must put back on both
    Column("merged_at", UtcDateTime, nullable=False),
    Column("merged_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("undone_at", UtcDateTime),
    Column("undone_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    ForeignKeyConstraint(["project_id", "merged_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["project_id", "survivor_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"
    ),
    partial_index("ix_ticket_merge_merged", "project_id", "merged_id", unique=True, where=MERGED),
    Index("ix_ticket_merge_survivor", "project_id", "survivor_id", "merged_at"),
)
