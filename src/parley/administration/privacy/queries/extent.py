"""How much is known of one person: what an erasure would take, counted without taking anything."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, func, not_, select

from parley.administration.privacy.queries.data_subject import (
    DataSubject,
    data_subject_of,
    with_merged_tickets,
)
from parley.administration.privacy.queries.export import Pages, events_elsewhere, exported_lists
from parley.administration.privacy.queries.other_tickets import DataOnOtherTickets, data_on_other_tickets
from parley.administration.privacy.rules import SubjectReference
from parley.administration.privacy.schemas import Extent
from parley.conversations.files.rules.links import FileLinks
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.people.events.queries import ABOUT_TICKETS
from parley.people.events.tables import event
from parley.people.persons.queries.by_identifier import owners_of

MOST = 10_000
"""Nobody is told of more than this: what is known of somebody may be any amount, and anybody can capture."""
LISTS = {
    "persons": "persons",
    "inbound_mails": "inbound_mails",
    "outbound_mails": "outbound_mails",
    "text_contacts": "text_contacts",
    "recordings": "recordings",
    "deliveries": "webhook_deliveries",
}
"""What is counted as an export lists it."""


async def extent_of_erasure(
    db: Db, project_id: int, reference: SubjectReference, links: FileLinks, *, is_confirmed: bool
) -> Extent | None:
    """Return how much an erasure would take, each up to MOST, or None where nothing is known.

    It only reads, so nobody waits for it.
    """
    subject = await data_subject_of(db, project_id, reference, is_confirmed=is_confirmed)
    subject = await with_merged_tickets(db, project_id, subject)
    elsewhere = await data_on_other_tickets(db, project_id, subject)
    lists = exported_lists(db, project_id, subject, elsewhere, links)
    counts = {name: await _n_items(lists[of]) for name, of in LISTS.items()}
    counts["log_entries"] = await _n_items(lists["activity"], lambda entry: entry.says_what)
    counts["tickets"] = len(subject.tickets)
    counts |= await _n_on_tickets(lists, elsewhere)
    counts["events"] = await _n_events(db, project_id, subject, elsewhere)
    if not any(counts.values()) and not await owners_of(db, project_id, subject.distinct_ids):
        return None
    at_least = {name for name, count in counts.items() if count > MOST}
    if "messages" in at_least:
        at_least.add("participants")  # they are counted together
    shown = {name: min(count, MOST) for name, count in counts.items()}
    return Extent(counts=shown, at_least=frozenset(at_least), left_out=subject.left_out)


async def _n_items(pages: Pages, is_counted: Callable[[Any], bool] = lambda _item: True) -> int:
    n_items = 0
    async for page in pages:
        n_items += sum(map(is_counted, page))
        if n_items > MOST:
            break
    return n_items


async def _n_on_tickets(lists: Mapping[str, Pages], elsewhere: DataOnOtherTickets) -> dict[str, int]:
    """Count messages and participants, those on tickets of others included; once there are many, both may be more."""
    participants = {one.id for one in elsewhere.participations}
    n_messages = len(elsewhere.messages) + await _n_items(lists["remarks"])
    async for tickets in lists["tickets"]:
        n_messages += sum(len(one["messages"]) for one in tickets)
        participants |= {each.id for one in tickets for each in one["participants"]}
        if n_messages > MOST:
            break
    return {"messages": n_messages, "participants": len(participants)}


_OF_PERSON = is_one_of(event.c.distinct_id, listed("distinct_ids", event.c.distinct_id))
_IN_PROJECT = event.c.project_id == bindparam("project_id")
_EVENTS = [
    select(event.c.id).where(_IN_PROJECT, *conditions).limit(MOST + 1).subquery()
    for conditions in ([_OF_PERSON], [not_(_OF_PERSON), *ABOUT_TICKETS])
]


async def _n_events(db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets) -> int:
    """Count their events and those about their tickets, by the indexes that erasing uses, then those elsewhere."""
    about = {"distinct_ids": subject.distinct_ids, "ticket_ids": [str(id) for id in subject.tickets]}
    given = {"project_id": project_id, **about}
    n_own = 0
    for events in _EVENTS:
        n_own += (await db.execute(select(func.count()).select_from(events), given)).scalar_one()
    if n_own > MOST:
        return n_own
    return n_own + await _n_items(events_elsewhere(db, project_id, subject, elsewhere))
