"""What somebody has left on tickets, their own and others'."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from parley.administration.privacy.queries.data_subject import Subject
from parley.administration.privacy.rules import Traces
from parley.conversations.personal_data.queries.stored import (
    Participation,
    Said,
    messages_by,
    messages_on,
    messages_via,
    participations,
    survivors_of,
)
from parley.conversations.tickets.rules import CUSTOMER, uuid_of
from parley.kernel.database.transaction import Db
from parley.people.events.queries import properties_of_events

PARTICIPANT_EVENTS = (
    "$conversation_ticket_participant_added",
    "$conversation_ticket_participant_removed",
)


class Footprint(msgspec.Struct, frozen=True):
    """What tells of somebody outside their own tickets.

    `messages` are theirs on `others`, which are tickets of other people: those that they take or took part in, or that
    theirs are merged into.
    """

    traces: Traces
    participations: Sequence[Participation]
    messages: Sequence[Said]
    others: tuple[UUID, ...]


async def footprint_of(db: Db, project_id: int, subject: Subject) -> Footprint:
    """Return what somebody has left on tickets of others, and by what it is recognised."""
    own = set(subject.tickets)
    takes_part = await participations(db, project_id, subject.distinct_ids, subject.emails)
    traces = Traces(frozenset(subject.distinct_ids), frozenset(subject.emails)).and_ids(
        [*subject.persons, *subject.tickets, *(one.id for one in takes_part)]
    )
    written = await messages_by(db, project_id, subject.distinct_ids)
    written += await messages_via(db, project_id, subject.tickets)
    others = {one.ticket_id for one in takes_part}
    others |= {one.ticket_id for one in written if one.ticket_id is not None}
    others |= await survivors_of(db, project_id, own)
    others |= await _once_took_part(db, project_id, traces)
    others -= own
    messages = [
        one for one in await messages_on(db, project_id, sorted(others)) if _is_theirs(one, traces, own)
    ]
    messages += [one for one in written if one.ticket_id not in own]
    once = {one.id: one for one in messages}
    said = sorted(once.values(), key=lambda one: (one.created_at, one.id))
    return Footprint(traces.and_ids(once), takes_part, said, tuple(sorted(others)))


def _is_theirs(one: Said, traces: Traces, own: set[UUID]) -> bool:
    """Say whether they wrote it, or it was said on a ticket of theirs that is merged now."""
    was_on_theirs = one.via_ticket_id in own or one.home_ticket_id in own
    return was_on_theirs or (one.author_type == CUSTOMER and traces.are_in(one.item_context))


async def _once_took_part(db: Db, project_id: int, traces: Traces) -> set[UUID]:
    """Return the tickets in which somebody takes or took part, as the events about that say."""
    found = set()
    for name in PARTICIPANT_EVENTS:
        for told in await properties_of_events(db, project_id, name):
            if traces.are_in([told.get("participant_email"), told.get("participant_distinct_id")]):
                found.add(uuid_of(told.get("ticket_id")))
    return found - {None}  # type: ignore[return-value]
