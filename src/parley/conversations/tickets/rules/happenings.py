"""The events of conversations that a project gets (docs/webhooks.md#what-you-hear-of)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.conversations.tickets.rules import AssigneeIds, Comment
from parley.kernel.http.authorization import Principal, Project

CONTENT_LENGTH = 1000
CREATED = "$conversation_ticket_created"
STATUS_CHANGED = "$conversation_ticket_status_changed"
PRIORITY_CHANGED = "$conversation_ticket_priority_changed"
ASSIGNED = "$conversation_ticket_assigned"
SENT = "$conversation_message_sent"
RECEIVED = "$conversation_message_received"
PARTICIPANT_ADDED = "$conversation_ticket_participant_added"
PARTICIPANT_REMOVED = "$conversation_ticket_participant_removed"
NOTED = "$conversation_private_message_sent"
MERGED = "$conversation_ticket_merged"
UNMERGED = "$conversation_ticket_unmerged"
SPLIT = "$conversation_ticket_split"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What events say of a ticket."""

    id: UUID
    number: int
    status: str
    priority: str | None
    distinct_id: str
    anonymous_traits: Mapping[str, Any]
    channel_source: str
    channel_detail: str | None
    sla_due_at: datetime | None = None
    email_from: str | None = None


class Scene(msgspec.Struct, frozen=True):
    """Where and when something happens, with the ticket as it was before; `by` is somebody of the team."""

    project: Project
    ticket: Facts
    at: datetime
    by: Principal | None = None


class Happening(msgspec.Struct, frozen=True):
    """An event that is to be stored."""

    project_id: int
    event: str
    distinct_id: str
    properties: dict[str, Any]
    at: datetime
    is_heard: bool  # by a webhook


def facts_of(source: Any, **others: Any) -> Facts:
    """Return the facts of a ticket in any of the forms in which actions hold it; `others` override it."""
    known = {name: getattr(source, name) for name in Facts.__struct_fields__ if hasattr(source, name)}
    return Facts(**known | others)


def opened(
    scene: Scene, assignee: AssigneeIds | None, message_id: UUID | None, content: str
) -> list[Happening]:
    """Return what happens when a ticket is opened, perhaps with the customer's first message and an assignee."""
    happened = [_happening(scene, CREATED)]
    if assignee is not None and assignee != AssigneeIds(None, None):
        happened.append(_assigned(scene, assignee.user_id, assignee.role_id))
    if message_id is not None:
        happened.append(_received(scene, message_id, content))
    return happened


def ticket_changed(scene: Scene, changes: Mapping[str, Any]) -> list[Happening]:
    """Return what happens when columns of a ticket change."""
    before = scene.ticket
    known = {name: value for name, value in changes.items() if name in Facts.__struct_fields__}
    after = msgspec.structs.replace(scene, ticket=msgspec.structs.replace(before, **known))
    happened = []
    if "status" in changes:
        happened.append(status_changed(scene, changes["status"], after))
    if "priority" in changes:
        told = {"old_priority": before.priority, "new_priority": changes["priority"]}
        happened.append(_happening(after, PRIORITY_CHANGED, told))
    if "assignee_user_id" in changes or "assignee_role_id" in changes:
        happened.append(_assigned(after, changes.get("assignee_user_id"), changes.get("assignee_role_id")))
    return happened


def status_changed(scene: Scene, status: str, after: Scene | None = None) -> Happening:
    """Return what happens when a ticket gets another status."""
    moved = after or msgspec.structs.replace(
        scene, ticket=msgspec.structs.replace(scene.ticket, status=status)
    )
    return _happening(moved, STATUS_CHANGED, {"old_status": scene.ticket.status, "new_status": status})


def said(scene: Scene, message: Comment, message_id: UUID, status: str) -> list[Happening]:
    """Return what happens when somebody writes on a ticket, which then has this status."""
    if message.is_private:
        return [_happening(scene, NOTED, {"message_id": str(message_id), "author_type": "team"})]
    after = msgspec.structs.replace(scene, ticket=msgspec.structs.replace(scene.ticket, status=status))
    moved = [status_changed(scene, status)] if status != scene.ticket.status else []
    if message.is_from_customer:
        return [_received(after, message_id, message.content), *moved]
    told = {**_message(message_id, message.content, "team"), **_sla(scene.ticket, scene.at)}
    return [_happening(after, SENT, told), *moved]


def participant_changed(scene: Scene, event: str, email: str | None, distinct_id: str | None) -> Happening:
    """Return what happens when somebody begins to take part in a ticket, or no longer does."""
    told = {"participant_email": email, "participant_distinct_id": distinct_id}
    return _happening(scene, event, told)


def about_both(scene: Scene, event: str, other_id: UUID, other_number: int) -> Happening:
    """Return what happens to a ticket together with another one: merged into it, taken out of it, split off it."""
    told = {"other_ticket_id": str(other_id), "other_ticket_number": other_number}
    return _happening(scene, event, told)


def _received(scene: Scene, message_id: UUID, content: str) -> Happening:
    return _happening(scene, RECEIVED, _message(message_id, content, "customer"))


def _message(message_id: UUID, content: str, author_type: str) -> dict[str, Any]:
    return {
        "message_id": str(message_id),
        "message_content": content[:CONTENT_LENGTH],
        "author_type": author_type,
    }


def _assigned(scene: Scene, user_id: int | None, role_id: UUID | None) -> Happening:
    kind, id = ("user", user_id) if user_id is not None else ("role", role_id)
    told = {
        "assignee_type": kind if id is not None else None,
        "assignee_id": str(id) if id is not None else None,
    }
    return _happening(scene, ASSIGNED, told)


def _sla(ticket: Facts, at: datetime) -> dict[str, Any]:
    due = ticket.sla_due_at
    left = (due - at).total_seconds() if due is not None else None
    return {
        "sla_due_at": due.isoformat().replace("+00:00", "Z") if due is not None else None,
        "sla_active": due is not None,
        "sla_breached": left is not None and left < 0,
        "sla_delta_seconds": left,
    }


def _happening(scene: Scene, event: str, told: Mapping[str, Any] | None = None) -> Happening:
    ticket, by = scene.ticket, scene.by
    properties = {
        **_base(ticket),
        **(told or {}),
        "$groups": {"organization": str(scene.project.organization_id)},
    }
    if by is not None:
        properties |= {"actor_type": "user", "actor_id": str(by.user_id), "actor_email": by.email}
    distinct_id = (by.distinct_id if by is not None else "") or ticket.distinct_id or ticket.channel_source
    heard = scene.project.has_webhooks
    return Happening(scene.project.id, event, distinct_id or "unknown", properties, scene.at, heard)


def _base(ticket: Facts) -> dict[str, Any]:
    traits = ticket.anonymous_traits
    return {
        "ticket_id": str(ticket.id),
        "ticket_number": ticket.number,
        "channel_source": ticket.channel_source,
        "channel_detail": ticket.channel_detail,
        "status": ticket.status,
        "priority": ticket.priority,
        "customer_name": _text(traits.get("name")),
        "customer_email": _text(traits.get("email")) or ticket.email_from,
        "customer_distinct_id": ticket.distinct_id,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
