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
from parley.conversations.ticket_changes.rules.log import NOBODY, By
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


class Message(Protocol):
    """What events say of a message."""

    @property
    def content(self) -> str: ...

    @property
    def is_private(self) -> bool: ...

    @property
    def is_from_customer(self) -> bool: ...

    @property
    def is_unread_for_customer(self) -> bool: ...


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
    email_from: str | None = None


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
    events = [domain_event(on, CREATED, ticket)]
    ids = (ticket.assignee_user_id, ticket.assignee_role_id)
    if ids != (None, None):
        events.append(_assigned(on, ticket, {}, *ids))
    if ticket.message_id is not None:
        said = _message(ticket.message_id, content or "", "customer")
        events.append(domain_event(on, RECEIVED, ticket, said))
    return events


def of_fields(on: Occasion, before: Ticket, after: Mapping[str, Any]) -> list[DomainEvent]:
    """Return what happens when columns of a ticket change."""
    events = []
    if "status" in after:
        properties = {"old_status": before.status, "new_status": after["status"]}
        events.append(domain_event(on, STATUS_CHANGED, before, properties, after))
    if "priority" in after:
        properties = {"old_priority": before.priority, "new_priority": after["priority"]}
        events.append(domain_event(on, PRIORITY_CHANGED, before, properties, after))
    if "assignee_user_id" in after or "assignee_role_id" in after:
        ids = (after.get("assignee_user_id"), after.get("assignee_role_id"))
        events.append(_assigned(on, before, after, *ids))
    return events


def of_message(
    on: Occasion, before: Ticket, message: Message, message_id: UUID, after: Mapping[str, Any]
) -> list[DomainEvent]:
    """Return what happens when somebody writes on a ticket, which may get another status by it."""
    if message.is_private:
        properties = {"message_id": str(message_id), "author_type": "team"}
        return [domain_event(on, NOTED, before, properties)]
    if message.is_from_customer:
        said = _message(message_id, message.content, "customer")
        return [domain_event(on, RECEIVED, before, said, after), *of_fields(on, before, after)]
    said = {**_message(message_id, message.content, "team"), **_sla(before, on.at)}
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


def _assigned(
    on: Occasion, ticket: Ticket, after: Mapping[str, Any], user_id: int | None, role_id: UUID | None
) -> DomainEvent:
    type_, id = ("user", user_id) if user_id is not None else ("role", role_id)
    properties = {
        "assignee_type": type_ if id is not None else None,
        "assignee_id": str(id) if id is not None else None,
    }
    return domain_event(on, ASSIGNED, ticket, properties, after)


def _sla(ticket: Ticket, at: datetime) -> dict[str, Any]:
    due = ticket.sla_due_at
    left = (due - at).total_seconds() if due is not None else None
    return {
        "sla_due_at": due.isoformat().replace("+00:00", "Z") if due is not None else None,
        "sla_active": due is not None,
        "sla_breached": left is not None and left < 0,
        "sla_delta_seconds": left,
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
