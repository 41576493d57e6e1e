"""The events of conversations that a project gets, with their properties (docs/webhooks.md#what-you-hear-of)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from parley.conversations.ticket_changes.rules.kinds import (
    ASSIGNED,
    CREATED,
    NOTED,
    PRIORITY_CHANGED,
    RECEIVED,
    SENT,
    STATUS_CHANGED,
    ChangeKind,
)
from parley.conversations.ticket_changes.rules.log import NOBODY, SAME_TAGS, By, Retagged
from parley.conversations.ticket_changes.rules.metrics import assignee, due_time, seconds_between, tags_of
from parley.kernel.http.authorization import Actor, Project

CONTENT_LENGTH = 1000


class Ticket(Protocol):
    """What events say of a ticket, in any of the forms in which actions hold it."""

    @property
    def id(self) -> UUID: ...

    @property
    def number(self) -> int: ...

    @property
    def status(self) -> str: ...

    @property
    def priority(self) -> str | None: ...

    @property
    def distinct_id(self) -> str: ...

    @property
    def anonymous_traits(self) -> Mapping[str, Any]: ...

    @property
    def channel_source(self) -> str: ...

    @property
    def channel_detail(self) -> str | None: ...

    @property
    def sla_due_at(self) -> datetime | None: ...

    @property
    def email_from(self) -> str | None: ...

    @property
    def assignee_user_id(self) -> int | None: ...

    @property
    def assignee_role_id(self) -> UUID | None: ...

    @property
    def created_at(self) -> datetime | None: ...

    @property
    def tags_json(self) -> str | None: ...


class WrittenOnTicket(Ticket, Protocol):
    """The same of a ticket on which somebody writes."""

    @property
    def message_count(self) -> int: ...

    @property
    def snoozed_until(self) -> datetime | None: ...

    @property
    def unread_team_count(self) -> int: ...

    @property
    def first_response_at(self) -> datetime | None: ...


class Message(Protocol):
    """What events say of a message."""

    @property
    def content(self) -> str: ...

    @property
    def is_private(self) -> bool: ...

    @property
    def is_from_customer(self) -> bool: ...

    @property
    def is_response(self) -> bool: ...

    @property
    def is_unread_for_customer(self) -> bool: ...

    @property
    def via_ticket_id(self) -> UUID | None: ...


class OpenedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that has just been opened, perhaps with the customer's first message."""

    id: UUID
    number: int
    message_id: UUID | None
    status: str
    priority: str | None
    distinct_id: str
    anonymous_traits: Mapping[str, Any]
    channel_source: str
    channel_detail: str | None
    assignee_user_id: int | None = None
    assignee_role_id: UUID | None = None
    sla_due_at: datetime | None = None
    snoozed_until: datetime | None = None
    email_from: str | None = None
    created_at: datetime | None = None
    message_count: int = 0
    unread_team_count: int = 0
    first_response_at: datetime | None = None
    tags_json: str | None = None


class Occasion(msgspec.Struct, frozen=True):
    """The circumstances of a change: in which project, when, and by whom. One for all that a transaction changes."""

    project: Project
    at: datetime
    by: By = NOBODY


class DomainEvent(msgspec.Struct, frozen=True):
    """An event that is to be stored, and to be sent where the project has webhooks."""

    project_id: int
    name: str
    distinct_id: str
    properties: dict[str, Any]
    at: datetime
    has_webhooks: bool


def occasion_of(actor: Actor, at: datetime) -> Occasion:
    """Return that somebody of the team changes something."""
    return Occasion(actor.project, at, By(actor.principal))


def of_opening(on: Occasion, ticket: OpenedTicket, content: str | None) -> list[DomainEvent]:
    """Return what happens when a ticket is opened, perhaps with the customer's first message and an assignee."""
    tags = tags_of(ticket.tags_json)
    events = [domain_event(on, CREATED, ticket, {"tags": tags} if tags else {})]
    ids = (ticket.assignee_user_id, ticket.assignee_role_id)
    if ids != (None, None):
        events.append(domain_event(on, ASSIGNED, ticket, assignee(ticket, {})))
    if ticket.message_id is not None:
        said = _message(ticket.message_id, content or "", "customer")
        events.append(domain_event(on, RECEIVED, ticket, said))
    return events


def of_fields(
    on: Occasion, before: Ticket, after: Mapping[str, Any], tags: Retagged = SAME_TAGS
) -> list[DomainEvent]:
    """Return what happens when columns of a ticket change."""
    events = []
    if "status" in after:
        properties = {"old_status": before.status, "new_status": after["status"]}
        properties |= _metrics(on, before, after, tags)
        if after["status"] == "resolved" and before.created_at is not None:
            properties |= {"resolution_seconds": seconds_between(before.created_at, on.at)}
        events.append(domain_event(on, STATUS_CHANGED, before, properties, after))
    if "priority" in after:
        properties = {"old_priority": before.priority, "new_priority": after["priority"]}
        events.append(domain_event(on, PRIORITY_CHANGED, before, properties, after))
    if "assignee_user_id" in after or "assignee_role_id" in after:
        events.append(domain_event(on, ASSIGNED, before, assignee(before, after), after))
    return events


def of_message(
    on: Occasion, before: WrittenOnTicket, message: Message, message_id: UUID, after: Mapping[str, Any]
) -> list[DomainEvent]:
    """Return what happens when somebody writes on a ticket, which may get another status by it."""
    if message.is_private:
        properties = {"message_id": str(message_id), "author_type": "team"}
        return [domain_event(on, NOTED, before, properties)]
    if message.is_from_customer:
        said = _message(message_id, message.content, "customer")
        return [domain_event(on, RECEIVED, before, said, after), *of_fields(on, before, after)]
    said = {**_message(message_id, message.content, "team"), **due_time(before.sla_due_at, on.at)}
    said |= _metrics(on, before, after)
    is_first = message.is_response and before.first_response_at is None and before.message_count > 0
    if is_first and before.created_at is not None:
        said |= {"first_response_seconds": seconds_between(before.created_at, on.at)}
    return [domain_event(on, SENT, before, said, after), *of_fields(on, before, after)]


def of_two_tickets(
    on: Occasion, kind: ChangeKind, ticket: Ticket, other_id: UUID, other_number: int
) -> DomainEvent:
    """Return what happens to a ticket together with another one: merged into it, taken out of it, split off it."""
    properties = {"other_ticket_id": str(other_id), "other_ticket_number": other_number}
    return domain_event(on, kind, ticket, properties)


def _message(message_id: UUID, content: str, author_type: str) -> dict[str, Any]:
    return {
        "message_id": str(message_id),
        "message_content": content[:CONTENT_LENGTH],
        "author_type": author_type,
    }


def _metrics(
    on: Occasion, ticket: Ticket, after: Mapping[str, Any], tags: Retagged = SAME_TAGS
) -> dict[str, Any]:
    """Return by what teams divide their answers and resolved tickets, beside what every event says."""
    member = on.by.member
    return {
        **assignee(ticket, after),
        "tags": tags_of(ticket.tags_json, tags.added, tags.removed),
        **({"actor_name": member.name or None} if member is not None else {}),
    }


def domain_event(
    on: Occasion,
    kind: ChangeKind,
    ticket: Ticket,
    properties: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> DomainEvent:
    """Return an event about a ticket as it is now: `after` says which of its columns have changed."""
    assert kind.event is not None
    member = on.by.member
    whole = {
        **_base(ticket, after or {}),
        **(properties or {}),
        "$groups": {"organization": str(on.project.organization_id)},
    }
    if member is not None:
        whole |= {"actor_type": "user", "actor_id": str(member.user_id), "actor_email": member.email}
    distinct_id = (
        (member.distinct_id if member is not None else "") or ticket.distinct_id or ticket.channel_source
    )
    has_webhooks = on.project.has_webhooks
    return DomainEvent(on.project.id, kind.event, distinct_id or "unknown", whole, on.at, has_webhooks)


def _base(ticket: Ticket, after: Mapping[str, Any]) -> dict[str, Any]:
    traits = after.get("anonymous_traits", ticket.anonymous_traits)
    return {
        "ticket_id": str(ticket.id),
        "ticket_number": ticket.number,
        "channel_source": ticket.channel_source,
        "channel_detail": ticket.channel_detail,
        "status": after.get("status", ticket.status),
        "priority": after.get("priority", ticket.priority),
        "customer_name": _text(traits.get("name")),
        "customer_email": _text(traits.get("email")) or ticket.email_from,
        "customer_distinct_id": ticket.distinct_id,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
