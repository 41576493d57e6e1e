"""Tickets as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.files.schemas import FileIds
from parley.conversations.tickets.rules.fields import Priority, Status
from parley.conversations.tickets.schemas import MergedFrom
from parley.kernel.http.authorization import AccessLevel
from parley.kernel.http.body import TRIM
from parley.people.persons.rules.distinct_ids import DistinctId

JsonObject = dict[str, Any]
TagNames = list[Annotated[str, Meta(max_length=1000)]]


NewAssignee = Annotated[
    Any,
    Meta(
        description="Who takes care of it, or null for nobody; `id` is a user's number or a role's uuid.",
        examples=[{"type": "user", "id": 1}, None],
    ),
]


class UserOfAssignee(msgspec.Struct, frozen=True):
    email: str


class RoleOfAssignee(msgspec.Struct, frozen=True):
    name: str


class Assignee(msgspec.Struct, frozen=True):
    """Who takes care of a ticket: a user (integer id) or a role (uuid)."""

    id: int | UUID
    type: Literal["user", "role"]
    user: UserOfAssignee | None
    role: RoleOfAssignee | None


class TicketPerson(msgspec.Struct, frozen=True):
    """The person that a ticket's distinct id belongs to."""

    id: UUID
    name: str
    distinct_ids: list[str]
    properties: JsonObject
    created_at: datetime
    is_identified: bool


class TicketOut(msgspec.Struct, kw_only=False):
    """A ticket. Fields of channels that a project doesn't have are null."""

    id: UUID
    ticket_number: int
    channel_source: str
    channel_detail: str | None
    distinct_id: str
    status: str
    priority: str | None
    anonymous_traits: JsonObject
    ai_resolved: bool
    escalation_reason: str | None
    created_at: datetime
    updated_at: datetime
    message_count: int
    last_message_at: datetime | None
    last_message_text: str | None
    unread_team_count: int
    unread_customer_count: int
    session_id: str | None
    session_context: JsonObject
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    email_subject: str | None
    email_from: str | None
    email_to: str | None
    cc_participants: list[str]
    slack_channel_id: str | None
    slack_thread_ts: str | None
    slack_team_id: str | None
    identity_verified: bool | None
    merged_ticket_numbers: list[int]
    assignee: Assignee | None
    person: TicketPerson | None
    tags: list[str]
    user_access_level: AccessLevel
    github_repo: str | None = None
    github_issue_number: int | None = None
    ai_triage: JsonObject | None = None
    zendesk_ticket_id: int | None = None
    organization_id: str | None = None
    organization_id_source: str | None = None
    merged_from: MergedFrom | None = None


class NewTicket(msgspec.Struct, kw_only=True):
    """A ticket that the team opens through the API; `distinct_id` or `email` says for whom."""

    distinct_id: DistinctId | None = None
    email: Annotated[str, Meta(max_length=254, extra=TRIM)] | None = None
    name: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
    subject: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
    message: Annotated[str, Meta(min_length=1, max_length=10_000, extra=TRIM)] | None = None
    status: Status = "new"
    priority: Priority | None = None
    anonymous_traits: JsonObject = {}
    ai_resolved: bool = False
    escalation_reason: Annotated[str, Meta(max_length=10_000)] | None = None
    tags: TagNames = []
    session_id: Annotated[str, Meta(max_length=64)] | None = None
    session_context: JsonObject = {}
    assignee: NewAssignee = None
    email_config_id: Any = None
    file_ids: FileIds = []


class TicketChannel(msgspec.Struct, frozen=True):
    """By what a ticket that the team opens is answered: by mail from one of the project's addresses, else in the widget."""

    source: str
    detail: str | None = None
    email_channel_id: UUID | None = None
    email_to: str | None = None


BY_API = TicketChannel("widget", "widget_api")


class TicketPatch(msgspec.Struct, kw_only=True):
    """What the team may change about a ticket; what is left out stays."""

    status: Status | UnsetType = UNSET
    priority: Priority | UnsetType | None = UNSET
    anonymous_traits: JsonObject | UnsetType = UNSET
    ai_resolved: bool | UnsetType = UNSET
    escalation_reason: Annotated[str, Meta(max_length=10_000)] | UnsetType | None = UNSET
    sla_due_at: datetime | UnsetType | None = UNSET
    snoozed_until: datetime | UnsetType | None = UNSET
    tags: TagNames | UnsetType = UNSET
    assignee: NewAssignee = UNSET
