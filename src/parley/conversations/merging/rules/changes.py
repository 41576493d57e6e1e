"""What follows from merging, un-merging and splitting: the log, the events, and what open pages hear."""

from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.activity_log.schemas import Change
from parley.conversations.merging.rules.merging import MergeableTicket
from parley.conversations.ticket_changes.rules import log
from parley.conversations.ticket_changes.rules.changes import (
    TicketChange,
    change_of,
    ref_of,
    ticket_opened,
)
from parley.conversations.ticket_changes.rules.events import (
    Occasion,
    OpenedTicket,
    Ticket,
    of_fields,
    of_two_tickets,
)
from parley.conversations.ticket_changes.rules.kinds import (
    MERGED,
    MERGED_INTO,
    SEPARATED,
    SPLIT,
    UNMERGED,
)


def tickets_merged(
    on: Occasion, locked: Ticket, before: MergeableTicket, after: MergeableTicket, source: MergeableTicket
) -> tuple[TicketChange, TicketChange]:
    """Return what follows for a source and its target, which is `locked`, and was `before` and is `after`."""
    target_ref, source_ref = ref_of(on, before), ref_of(on, source)
    of_source = log.changed("merged_into", None, _named(before.id, before.number))
    of_target = [log.added("merged_ticket", _named(source.id, source.number)), *_changes(before, after)]
    moved = {"status": after.status} if after.status != before.status else {}
    return (
        change_of(source_ref, MERGED_INTO, moves_from=source.status, changes_unread=True),
        change_of(
            target_ref,
            MERGED,
            log=[
                log.entry(target_ref, MERGED, of_target, on.by, on.at),
                log.entry(source_ref, MERGED_INTO, [of_source], on.by, on.at),
            ],
            events=[
                of_two_tickets(on, MERGED, locked, source.id, source.number),
                *of_fields(on, locked, moved),
            ],
            moves_from=before.status,
            moves_to=after.status,
        ),
    )


def tickets_unmerged(
    on: Occasion, locked: Ticket, before: MergeableTicket, after: MergeableTicket, source: MergeableTicket
) -> tuple[TicketChange, TicketChange]:
    """Return what follows for a source and its target, which is `locked`, and was `before` and is `after`."""
    target_ref, source_ref = ref_of(on, before), ref_of(on, source)
    of_source = log.changed("merged_into", _named(before.id, before.number), None)
    of_target = [log.removed("merged_ticket", _named(source.id, source.number)), *_changes(before, after)]
    moved = {"status": after.status} if after.status != before.status else {}
    return (
        change_of(source_ref, SEPARATED, moves_to=source.status, changes_unread=True),
        change_of(
            target_ref,
            UNMERGED,
            log=[
                log.entry(target_ref, UNMERGED, of_target, on.by, on.at),
                log.entry(source_ref, SEPARATED, [of_source], on.by, on.at),
            ],
            events=[
                of_two_tickets(on, UNMERGED, locked, source.id, source.number),
                *of_fields(on, locked, moved),
            ],
            moves_from=before.status,
            moves_to=after.status,
        ),
    )


def ticket_split(on: Occasion, source: Ticket, new: OpenedTicket) -> tuple[TicketChange, TicketChange]:
    """Return what follows for the new ticket, and for the one whose messages it has now."""
    new_ref, source_ref = ref_of(on, new), ref_of(on, source)
    opened = ticket_opened(on, new, None)
    split_from = log.changed("split_from", None, _named(source.id, source.number))
    split_into = log.changed("split_into", None, _named(new.id, new.number))
    return (
        msgspec.structs.replace(
            opened, log=[*opened.log, log.entry(new_ref, SPLIT, [split_from], on.by, on.at)]
        ),
        change_of(
            source_ref,
            SPLIT,
            log=[log.entry(source_ref, SPLIT, [split_into], on.by, on.at)],
            events=[of_two_tickets(on, SPLIT, source, new.id, new.number)],
        ),
    )


def _changes(before: MergeableTicket, after: MergeableTicket) -> list[Change]:
    changes = [
        *(log.added("tag", name) for name in after.tags if name not in before.tags),
        *(log.removed("tag", name) for name in before.tags if name not in after.tags),
    ]
    if before.status != after.status:
        changes.append(log.changed("status", before.status, after.status))
    return changes


def _named(id: UUID, number: int) -> dict[str, Any]:
    return {"id": str(id), "ticket_number": number}
