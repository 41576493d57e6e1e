"""Those who take part in a ticket besides its requester."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, func, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.conversations.participants.schemas import ParticipantOut
from parley.conversations.participants.tables import ticket_participant
from parley.conversations.tickets.rules.ids import uuid_of
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_ids
from parley.people.persons.rules.names import display_name
from parley.people.persons.tables import person, person_distinct_id


class Participant(msgspec.Struct, frozen=True):
    """A participant as actions need them."""

    id: UUID
    email: str | None
    distinct_id: str | None
    name: str | None
    created_at: datetime


_BARE = StructColumns(Participant, ticket_participant)
_OF_TICKET = (
    ticket_participant.c.project_id == bindparam("project_id"),
    ticket_participant.c.ticket_id == bindparam("ticket_id"),
)
_ORDER = (ticket_participant.c.created_at, ticket_participant.c.id)
_ALL = Prepared(select(*_BARE.columns).where(*_OF_TICKET).order_by(*_ORDER))


async def participants_of(db: Db, project_id: int, ticket_id: UUID) -> list[Participant]:
    """Return all participants of a ticket, in the order in which they came.

    Served by ix_ticket_participant_ticket.
    """
    return [_BARE(row) for row in await db.rows(_ALL, project_id=project_id, ticket_id=ticket_id)]


# Primary key of person_distinct_id; ix_person_project_id_email.
_BY_DISTINCT_ID = select(person_distinct_id.c.person_id).where(
    person_distinct_id.c.project_id == ticket_participant.c.project_id,
    person_distinct_id.c.distinct_id == ticket_participant.c.distinct_id,
)
_BY_ADDRESS = (
    select(person.c.id)
    .where(
        person.c.project_id == ticket_participant.c.project_id, person.c.email == ticket_participant.c.email
    )
    .order_by(person.c.created_at, person.c.id)
    .limit(1)
)
_PARTICIPANT = StructColumns(
    ParticipantOut,
    ticket_participant,
    person=func.coalesce(
        _BY_DISTINCT_ID.correlate(ticket_participant).scalar_subquery(),
        _BY_ADDRESS.correlate(ticket_participant).scalar_subquery(),
    ),
    added_by=USER.or_none(),
)
_WHOLE = (
    select(*_PARTICIPANT.columns)
    .select_from(
        ticket_participant.outerjoin(user_account, user_account.c.id == ticket_participant.c.added_by)
    )
    .where(*_OF_TICKET)
)
_PAGE = Prepared(
    _WHOLE.order_by(*_ORDER)
    .limit(bindparam("limit", type_=Integer))
    .offset(bindparam("offset", type_=BigInteger))
)
_ONE = Prepared(_WHOLE.where(ticket_participant.c.id == bindparam("participant_id")))
_COUNT = Prepared(select(func.count()).select_from(ticket_participant).where(*_OF_TICKET))


async def participant_page(
    source: Db | Database, project_id: int, ticket_id: UUID, *, limit: int, offset: int = 0
) -> tuple[int, list[ParticipantOut]]:
    """Return how many participants a ticket has, and a page of them in the order in which they came.

    Served by ix_ticket_participant_ticket. The caller has found the ticket.
    """
    read = source.rows if isinstance(source, Db) else source.read
    mine = {"project_id": project_id, "ticket_id": ticket_id}
    count: int = (await read(_COUNT, **mine))[0][0]
    rows = await read(_PAGE, **mine, limit=limit, offset=offset) if count else ()
    return count, await _shown(source, project_id, rows)


async def participant_by_id(
    source: Db | Database, project_id: int, ticket_id: UUID, participant_id: UUID | str
) -> ParticipantOut:
    """Return one participant of a ticket (primary key); raises NotFound."""
    read = source.rows if isinstance(source, Db) else source.read
    id = uuid_of(participant_id) if isinstance(participant_id, str) else participant_id
    found = await read(_ONE, project_id=project_id, ticket_id=ticket_id, participant_id=id) if id else ()
    if not found:
        raise NotFound
    return (await _shown(source, project_id, found))[0]


async def _shown(
    source: Db | Database, project_id: int, rows: Sequence[Sequence[Any]]
) -> list[ParticipantOut]:
    """Make the answers, with the names of persons where the team has given none."""
    found = [_PARTICIPANT(row) for row in rows]
    person_ids = {one.person for one in found if one.person is not None}
    persons = await persons_by_ids(source, project_id, person_ids)
    return [
        msgspec.structs.replace(
            one, name=one.name or _name_of(persons.get(one.person) if one.person else None) or None
        )
        for one in found
    ]


def _name_of(person: ListedPerson | None) -> str:
    return display_name(person.properties, ()) if person else ""
