"""The lists of an export, each in pages, so that no more than a page is in memory at a time."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.activity_log.queries import StoredEntry, entries_about
from parley.administration.privacy.queries.data_subject import DataSubject
from parley.administration.privacy.queries.other_tickets import DataOnOtherTickets
from parley.analytics.recordings.queries.personal_data import recordings_about
from parley.conversations.files.attachments import context_with_links
from parley.conversations.files.rules.links import FOR_CUSTOMERS, FileLinks
from parley.conversations.personal_data.queries.stored import (
    CommentRecord,
    messages_on,
    remarks_about,
    whole_tickets,
)
from parley.email.inbound.queries.forgetting import mails_about
from parley.email.outbound.queries.deliveries import mails_to
from parley.integrations.sms.queries.personal_data import texts_about
from parley.integrations.webhooks.queries.deliveries import DeliveredPayload, deliveries_about
from parley.kernel.database.transaction import Db
from parley.kernel.text.json_text import read_json
from parley.people.events.queries import (
    BEFORE_ALL,
    EventAsStored,
    events_about,
    events_of,
)
from parley.people.events.rules.cursors import EventCursor
from parley.people.persons.queries.identity import whole_persons

EVENTS_AT_ONCE = 200
TICKETS_AT_ONCE = 10
Pages = AsyncIterator[Sequence[Any]]


def exported_lists(
    db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets, links: FileLinks
) -> Mapping[str, Pages]:
    """Return the lists of an export by their names, in their order. The files of messages are behind links."""
    return {
        "persons": _persons(db, project_id, subject),
        "tickets": _tickets(db, project_id, subject, links),
        "messages_elsewhere": _one_page([_with_files(one, project_id, links) for one in elsewhere.messages]),
        "participations": _one_page(elsewhere.participations),
        "remarks": _remarks(db, project_id, subject),
        "activity": _activity(db, project_id, subject, elsewhere),
        "webhook_deliveries": _deliveries(db, project_id, subject, elsewhere),
        "inbound_mails": _mails(db, project_id, subject),
        "outbound_mails": _mails_to(db, project_id, subject),
        "text_contacts": _texts(db, project_id, subject),
        "recordings": recordings_about(db, project_id, subject.distinct_ids),
        "events": _events(db, project_id, subject, elsewhere),
    }


def chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Yield tickets, as many at a time as are read at once."""
    for start in range(0, len(ids), TICKETS_AT_ONCE):
        yield ids[start : start + TICKETS_AT_ONCE]


async def _one_page(items: Sequence[Any]) -> Pages:
    yield items


async def _persons(db: Db, project_id: int, subject: DataSubject) -> Pages:
    yield await whole_persons(db, project_id, subject.persons)


async def _remarks(db: Db, project_id: int, subject: DataSubject) -> Pages:
    yield await remarks_about(db, project_id, subject.persons)


async def _tickets(db: Db, project_id: int, subject: DataSubject, links: FileLinks) -> Pages:
    """Yield whole tickets, without what was written on tickets of others that are merged into them."""
    own = {None, *subject.tickets}
    for ids in chunks(subject.tickets):
        messages = [
            _with_files(one, project_id, links)
            for one in await messages_on(db, project_id, ids)
            if one.via_ticket_id in own and one.home_ticket_id in own
        ]
        yield [
            {**one, "messages": [message for message in messages if message.ticket_id == one["id"]]}
            for one in await whole_tickets(db, project_id, ids)
        ]


def _with_files(message: CommentRecord, project_id: int, links: FileLinks) -> CommentRecord:
    """Return a message with links to its files, which work for a day."""
    context = context_with_links(message.item_context, project_id, links, FOR_CUSTOMERS)
    return msgspec.structs.replace(message, item_context=context)


async def _activity(db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets) -> Pages:
    for ids in chunks(subject.tickets):
        yield await entries_about(db, project_id, "Ticket", [str(id) for id in ids])
    for ids in chunks(elsewhere.ticket_ids):
        entries: Sequence[StoredEntry] = await entries_about(
            db, project_id, "Ticket", [str(id) for id in ids]
        )
        yield [one for one in entries if elsewhere.identifiers.occur_in(one.detail)]


async def _deliveries(db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets) -> Pages:
    for ids in chunks(subject.tickets):
        yield await deliveries_about(db, project_id, ids)
    for ids in chunks(elsewhere.ticket_ids):
        deliveries: Sequence[DeliveredPayload] = await deliveries_about(db, project_id, ids)
        yield [one for one in deliveries if elsewhere.identifiers.occur_in(read_json(one.payload))]


async def _mails(db: Db, project_id: int, subject: DataSubject) -> Pages:
    """Yield what the ledger says of mails that they sent, or that are on their tickets; the raw mails are beside it."""
    yield await mails_about(db, project_id, subject.tickets, subject.emails)


async def _mails_to(db: Db, project_id: int, subject: DataSubject) -> Pages:
    """Yield what was mailed to them, and what became of it."""
    yield await mails_to(db, project_id, subject.emails)


async def _texts(db: Db, project_id: int, subject: DataSubject) -> Pages:
    """Yield what is known of their phone numbers; the words of messages are on their tickets."""
    yield await texts_about(db, project_id, subject.distinct_ids)


async def _events(db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets) -> Pages:
    """Yield what was captured under the distinct ids, then what others did with the tickets."""
    for distinct_id in subject.distinct_ids:
        after = BEFORE_ALL
        while page := await events_of(db, project_id, distinct_id, after, limit=EVENTS_AT_ONCE):
            yield page
            after = EventCursor(page[-1].timestamp, page[-1].id)
    own_ids = set(subject.distinct_ids)
    for ids in chunks(subject.tickets):
        yield [one for one in await events_about(db, project_id, ids) if one.distinct_id not in own_ids]
    async for happened in events_elsewhere(db, project_id, subject, elsewhere):
        yield happened


async def events_elsewhere(
    db: Db, project_id: int, subject: DataSubject, elsewhere: DataOnOtherTickets
) -> Pages:
    """Yield what others did with tickets of others that is about the data subject."""
    own_ids = set(subject.distinct_ids)
    for ids in chunks(elsewhere.ticket_ids):
        happened: Sequence[EventAsStored] = await events_about(db, project_id, ids)
        yield [
            one
            for one in happened
            if one.distinct_id not in own_ids and elsewhere.identifiers.occur_in(read_json(one.properties))
        ]
