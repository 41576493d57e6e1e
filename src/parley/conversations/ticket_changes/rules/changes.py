"""Changes of tickets with everything that follows from them, as values; `announce` has it happen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.activity_log.schemas import Entry
from parley.conversations.ticket_changes.rules import events, log
from parley.conversations.ticket_changes.rules.events import DomainEvent, Message, Occasion, OpenedTicket
from parley.conversations.ticket_changes.rules.kinds import (
    CHANGED,
    CREATED,
    DELETED,
    ERASED,
    MESSAGE_EDITED,
    NOTED,
    PURGED,
    READ,
    RECEIVED,
    RESTORED,
    SENT,
    STATUS_CHANGED,
    UNREAD,
    ChangeKind,
)
from parley.conversations.ticket_changes.rules.log import (
    NOBODY,
    SAME_TAGS,
    AnyTicket,
    By,
    Retagged,
    TicketOfProject,
    TicketRef,
)

Emitted = tuple[str, Mapping[str, Any]]
"""An event for the outbox: its name, and what it says besides which ticket it is about."""


class TicketChange(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from one change of one ticket.

    Open pages and the stream hear of the `kinds` that have a type there, each type once. `moves_from` and `moves_to` are
    the statuses under which the ticket is counted; None is where it is in no list.
    """

    project_id: int
    ticket_id: UUID
    number: int
    kinds: Sequence[ChangeKind]
    message_id: UUID | None = None
    log: Sequence[Entry] = ()
    events: Sequence[DomainEvent] = ()
    moves_from: str | None = None
    moves_to: str | None = None
    changes_unread: bool = False
    is_first_message: bool = False
    is_answer: bool = False  # that may have to reach the customer by mail or through another service
    is_indexed_anew: bool = False
    emits: Sequence[Emitted] = ()

    @property
    def changes_answers(self) -> bool:
        """Whether the ticket has become a source of suggested replies, or must become one anew."""
        is_resolved = self.moves_to == "resolved" and self.moves_from not in (None, "resolved")
        return is_resolved or self.is_indexed_anew


def ref_of(on: Occasion, ticket: AnyTicket) -> TicketRef:
    """Return a ticket as what something is said about."""
    return TicketRef(on.project.id, ticket.id, ticket.number)


def change_of(ticket: TicketOfProject, *kinds: ChangeKind, **more: Any) -> TicketChange:
    """Return a change of a ticket; `more` are fields of it."""
    return TicketChange(
        project_id=ticket.project_id, ticket_id=ticket.id, number=ticket.number, kinds=kinds, **more
    )


def ticket_opened(on: Occasion, ticket: OpenedTicket, content: str | None) -> TicketChange:
    """Return what follows when a ticket is opened; `content` is that of the customer's first message, if there is one."""
    return TicketChange(
        project_id=on.project.id,
        ticket_id=ticket.id,
        number=ticket.number,
        kinds=(CREATED,),
        log=[log.entry(ref_of(on, ticket), CREATED, [], on.by, on.at)],
        events=events.of_opening(on, ticket, content),
        changes_unread=True,
        is_first_message=ticket.message_id is not None and tells_of_new(on.project.settings),
        emits=_assigned(on, ticket.assignee_user_id, ticket.assignee_role_id),
    )


def fields_changed(
    on: Occasion,
    before: events.Ticket,
    after: Mapping[str, Any],
    tags: Retagged = SAME_TAGS,
    *,
    has_events: bool = True,
) -> TicketChange:
    """Return what follows when columns or tags change. Without events where these could set off the same change for ever."""
    status = after.get("status", before.status)
    return TicketChange(
        project_id=on.project.id,
        ticket_id=before.id,
        number=before.number,
        kinds=(CHANGED,),
        log=log.entries_of_fields(ref_of(on, before), before, after, tags, on.by, on.at),
        events=events.of_fields(on, before, after, tags) if has_events else (),
        moves_from=before.status,
        moves_to=status,
        changes_unread=_changes_unread(before.status, status),
        emits=_assigned(on, after.get("assignee_user_id"), after.get("assignee_role_id")),
    )


def message_added(
    on: Occasion,
    before: events.WrittenOnTicket,
    message: Message,
    message_id: UUID,
    status: str,
    *,
    is_unread: bool = False,
    is_first: bool,
) -> TicketChange:
    """Return what follows when somebody writes on a ticket, which now has this status.

    `is_unread` says that the team has one more to read, `is_first` that it is the first one of the customer.
    """
    moved: dict[str, Any] = {"status": status} if status != before.status else {}
    is_woken = before.snoozed_until is not None and ends_snooze(status, message)
    woken: dict[str, Any] = {"snoozed_until": None} if is_woken else {}
    kind = NOTED if message.is_private else RECEIVED if message.is_from_customer else SENT
    after = {**moved, **woken}
    entries = (
        log.entries_of_fields(ref_of(on, before), before, after, SAME_TAGS, on.by, on.at) if after else ()
    )
    return TicketChange(
        project_id=on.project.id,
        ticket_id=before.id,
        number=before.number,
        kinds=_in_order(on, kind) if moved else (kind,),
        message_id=message_id,
        log=entries,
        events=events.of_message(on, before, message, message_id, moved),
        moves_from=before.status,
        moves_to=status,
        changes_unread=is_unread or _changes_unread(before.status, status),
        is_first_message=is_first,
        is_answer=message.is_unread_for_customer and _leaves_the_web(on, before, message),
        is_indexed_anew=kind is SENT and status == "resolved",
        emits=_answered(before, message_id) if is_unread and not is_first else (),
    )


def ends_snooze(status: str, message: Message) -> bool:
    """Say whether a message that leaves a ticket with this status ends its snooze: its customer has written meanwhile."""
    return status == "open" and message.is_from_customer and not message.is_private


ANSWERED_OUTSIDE = ("sms", "slack", "email")
"""Channels whose answers leave the web whatever the project's settings are; without mail, an answer to one says so."""


def _leaves_the_web(on: Occasion, ticket: events.Ticket, message: Message) -> bool:
    """Say whether an answer may have to reach the customer elsewhere; a merged ticket may be of any channel."""
    is_outside = ticket.channel_source in ANSWERED_OUTSIDE or message.via_ticket_id is not None
    return is_outside or on.project.settings.get("slack_enabled") is True or sends_mail(on.project.settings)


def _in_order(on: Occasion, kind: ChangeKind) -> tuple[ChangeKind, ...]:
    """Return in which order the stream tells of a message that moves the status, which programs may rely on."""
    return (kind, STATUS_CHANGED) if on.by == NOBODY else (STATUS_CHANGED, kind)


def note_added(change: TicketChange, by: By, mentions: Sequence[int]) -> TicketChange:
    """Return what follows from a private note that may mention members: by their ids, or in its words."""
    about = {"comment_id": str(change.message_id), "actor_id": _actor_id(by), "mentions": list(mentions)}
    return msgspec.structs.replace(change, emits=[("note.added", about)])


def message_edited(ticket: TicketOfProject, message_id: UUID) -> TicketChange:
    """Return what follows when a message gets another text, or is removed."""
    return change_of(ticket, MESSAGE_EDITED, message_id=message_id)


def read_by_team(ticket: TicketOfProject) -> TicketChange:
    """Return what follows when the team has seen every message."""
    return change_of(ticket, READ, changes_unread=True)


def marked_unread(ticket: TicketOfProject) -> TicketChange:
    """Return what follows when somebody leaves a ticket for the team to read once more."""
    return change_of(ticket, UNREAD, changes_unread=True)


def read_by_customer(ticket: TicketOfProject) -> TicketChange:
    """Return what follows when the customer has seen every message."""
    return change_of(ticket, READ)


def requester_verified(ticket: TicketOfProject, at: datetime, *, is_live: bool) -> TicketChange:
    """Return what follows when whose ticket it is was a claim, and is signed now."""
    became = log.changed("identity_verified", False, True)
    entries = [log.entry(ticket, CHANGED, [became], NOBODY, at)]
    return change_of(ticket, CHANGED, log=entries) if is_live else change_of(ticket, log=entries)


def given_back(ticket: TicketOfProject, email: str, at: datetime, *, is_live: bool) -> TicketChange:
    """Return what follows when a link that was mailed to this address has given a ticket to another browser."""
    became = log.changed("restored_by_link", None, email)
    entries = [log.entry(ticket, CHANGED, [became], NOBODY, at)]
    return change_of(ticket, CHANGED, log=entries) if is_live else change_of(ticket, log=entries)


def ticket_deleted(on: Occasion, ticket: TicketOfProject, status: str) -> TicketChange:
    """Return what follows when a ticket leaves every list, until it is restored or purged."""
    entries = [log.entry(ticket, DELETED, [], on.by, on.at)]
    return change_of(ticket, DELETED, log=entries, moves_from=status, changes_unread=True)


def ticket_restored(on: Occasion, ticket: TicketOfProject, status: str) -> TicketChange:
    """Return what follows when a deleted ticket comes back."""
    entries = [log.entry(ticket, RESTORED, [], on.by, on.at)]
    return change_of(ticket, RESTORED, log=entries, moves_to=status, changes_unread=True)


def ticket_purged(ticket: TicketOfProject, at: datetime) -> TicketChange:
    """Return what follows when a ticket that was deleted long ago is removed for good; the log keeps that it was there."""
    return change_of(ticket, log=[log.entry(ticket, PURGED, [], NOBODY, at)])


def ticket_erased(ticket: TicketOfProject, status: str) -> TicketChange:
    """Return what follows when a ticket is removed for good with its customer; the log tells of the erasure as a whole."""
    return change_of(ticket, ERASED, moves_from=status, changes_unread=True)


def part_erased(ticket: TicketOfProject) -> TicketChange:
    """Return what follows when what somebody has left on a ticket of somebody else is erased."""
    return change_of(ticket, CHANGED, changes_unread=True, is_indexed_anew=True)


def _answered(before: events.WrittenOnTicket, message_id: UUID) -> Sequence[Emitted]:
    """Return that a customer has written again, where somebody takes care of the ticket and had read all before."""
    is_assigned = (before.assignee_user_id, before.assignee_role_id) != (None, None)
    if not is_assigned or before.unread_team_count > 0:
        return ()
    return [("customer.answered", {"comment_id": str(message_id)})]


def _assigned(on: Occasion, user_id: int | None, role_id: UUID | None) -> Sequence[Emitted]:
    """Return that somebody else than who changes it has got a ticket."""
    actor_id = _actor_id(on.by)
    if (user_id, role_id) == (None, None) or (user_id is not None and user_id == actor_id):
        return ()
    about = {"user_id": user_id, "role_id": role_id and str(role_id), "actor_id": actor_id}
    return [("ticket.assigned", about)]


def _actor_id(by: By) -> int | None:
    return by.member.user_id if by.member is not None else None


def _changes_unread(before: str, after: str) -> bool:
    """Say whether another status may change how many messages the team has not read: those of resolved ones don't count."""
    return before != after and "resolved" in (before, after)


def sends_mail(settings: Mapping[str, Any]) -> bool:
    """Say whether a project has switched on e-mail with its customers."""
    return settings.get("email_enabled") is True


def tells_of_new(settings: Mapping[str, Any]) -> bool:
    """Say whether anybody wants to hear of new conversations: members by mail, or the team in a channel."""
    return bool(recipients(settings)) or bool(settings.get("slack_notification_channel_id"))


def recipients(settings: Mapping[str, Any]) -> list[int]:
    """Return the ids of the users who are told of new conversations."""
    listed = settings.get("notification_recipients")
    if not isinstance(listed, list):
        return []
    return [item for item in listed if isinstance(item, int) and not isinstance(item, bool)]
