"""What a data subject has left on tickets of other people."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from parley.administration.privacy.queries.data_subject import DataSubject
from parley.administration.privacy.rules import Identifiers
from parley.conversations.personal_data.queries.stored import (
    CommentRecord,
    Participation,
    messages_by,
    messages_on,
    messages_via,
    participations,
    targets_of,
)
from parley.conversations.ticket_changes.rules.kinds import PARTICIPANT_ADDED, PARTICIPANT_REMOVED
from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.conversations.tickets.rules.ids import uuid_of
from parley.kernel.database.transaction import Db
from parley.people.events.queries import properties_of_events

PARTICIPANT_EVENTS = tuple(kind.event for kind in (PARTICIPANT_ADDED, PARTICIPANT_REMOVED) if kind.event)


class DataOnOtherTickets(msgspec.Struct, frozen=True):
    """Personal data outside the data subject's own tickets.

    `messages` are theirs on the tickets `ticket_ids` of other people: those that they take or took part in, or that theirs
    are merged into.
    """

    identifiers: Identifiers
    participations: Sequence[Participation]
    messages: Sequence[CommentRecord]
    ticket_ids: tuple[UUID, ...]


async def data_on_other_tickets(db: Db, project_id: int, subject: DataSubject) -> DataOnOtherTickets:
    """Return what a data subject has left on tickets of others, and the identifiers by which it is recognised."""
    own = set(subject.tickets)
    takes_part = await participations(db, project_id, subject.distinct_ids, subject.emails)
    identifiers = Identifiers(frozenset(subject.distinct_ids), frozenset(subject.emails)).with_ids(
        [*subject.persons, *subject.tickets, *(one.id for one in takes_part)]
    )
    written = await messages_by(db, project_id, subject.distinct_ids)
    written += await messages_via(db, project_id, subject.tickets)
    others = {one.ticket_id for one in takes_part}
    others |= {one.ticket_id for one in written if one.ticket_id is not None}
    others |= await targets_of(db, project_id, own)
    others |= await _tickets_of_participant_events(db, project_id, identifiers)
    others -= own
    messages = [
        one for one in await messages_on(db, project_id, sorted(others)) if _is_theirs(one, identifiers, own)
    ]
    messages += [one for one in written if one.ticket_id not in own]
    by_id = {one.id: one for one in messages}
    in_order = sorted(by_id.values(), key=lambda one: (one.created_at, one.id))
    return DataOnOtherTickets(identifiers.with_ids(by_id), takes_part, in_order, tuple(sorted(others)))


def _is_theirs(one: CommentRecord, identifiers: Identifiers, own: set[UUID]) -> bool:
    """Say whether they wrote it, or it was written on a ticket of theirs that is merged now."""
    was_on_theirs = one.via_ticket_id in own or one.home_ticket_id in own
    return was_on_theirs or (one.author_type == CUSTOMER and identifiers.occur_in(one.item_context))


async def _tickets_of_participant_events(db: Db, project_id: int, identifiers: Identifiers) -> set[UUID]:
    """Return the tickets in which somebody takes or took part, as the events about that say."""
    found = set()
    for name in PARTICIPANT_EVENTS:
        for properties in await properties_of_events(db, project_id, name):
            participant = [properties.get("participant_email"), properties.get("participant_distinct_id")]
            if identifiers.occur_in(participant):
                found.add(uuid_of(properties.get("ticket_id")))
    return found - {None}  # type: ignore[return-value]
