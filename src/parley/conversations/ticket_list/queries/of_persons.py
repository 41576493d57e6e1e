"""The open tickets of a few persons."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, select, union_all

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.queries.visibility import (
    access_values,
    sees_any_ticket,
    visibility_of,
    visible_tickets,
)
from parley.conversations.ticket_api.queries.shown import ID, live_tickets, shown_in_list, ticket_of
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.tables import HAS_ADDRESS, ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.people.persons.queries.by_identifier import has_distinct_id
from parley.people.persons.tables import person, person_distinct_id

MOST_OF_PERSON = 10


async def open_tickets_of_persons(
    db: Db, actor: Actor, person_ids: Sequence[UUID]
) -> dict[UUID, list[TicketOut]]:
    """Return the tickets of each person that aren't resolved and that the caller may see, the newest MOST_OF_PERSON of them.

    Served by ix_person_distinct_id_project_id_person_id_created_at and ix_ticket_distinct_id; by ix_ticket_email for
    e-mails of an address whose sender had no person yet.
    """
    found: dict[UUID, list[TicketOut]] = defaultdict(list)
    if not person_ids or not actor.principal.has("ticket:read") or not sees_any_ticket(actor):
        return found
    values = {"project_id": actor.project_id, "persons": list(person_ids), **access_values(actor)}
    rows = (await db.execute(_open_tickets(actor, db.dialect.name), values)).all()
    levels = await levels_of(db, actor, [row[ID] for row in rows])
    for row in rows:
        shown = ticket_of(row, levels[row[ID]])
        if shown.person:
            found[shown.person.id].append(shown)
    return found


def _open_tickets(actor: Actor, dialect: str) -> Select[tuple[object, ...]]:
    candidates = union_all(_by_distinct_id(), _by_address()).subquery("candidates")
    seen = visible_tickets(visibility_of(actor), candidates.c.id)
    order = (candidates.c.updated_at.desc(), candidates.c.number.desc())
    nth = func.row_number().over(partition_by=candidates.c.person_id, order_by=order).label("nth")
    ranked = select(candidates.c.id, nth).where(*seen).subquery("ranked")
    chosen = select(ranked.c.id).where(ranked.c.nth <= literal_column(str(MOST_OF_PERSON)))
    page = live_tickets().where(ticket.c.id.in_(chosen)).subquery("page")
    return shown_in_list(page, dialect).order_by(page.c.updated_at.desc(), page.c.number.desc())


def _by_distinct_id() -> Select[tuple[object, ...]]:
    owner = person_distinct_id
    return (
        _open(owner.c.person_id)
        .join(owner, has_distinct_id(ticket.c.project_id, ticket.c.distinct_id))
        .where(owner.c.project_id == bindparam("project_id"), is_one_of(owner.c.person_id, _PERSONS))
    )


def _by_address() -> Select[tuple[object, ...]]:
    is_known = exists().where(has_distinct_id(ticket.c.project_id, ticket.c.distinct_id))
    sent_it = and_(
        person.c.project_id == ticket.c.project_id, func.lower(ticket.c.email_from) == person.c.email
    )
    return (
        _open(person.c.id)
        .join(person, sent_it)
        .where(person.c.project_id == bindparam("project_id"), is_one_of(person.c.id, _PERSONS))
        .where(ticket.c.channel_source == literal_column("'email'"), HAS_ADDRESS, ~is_known)
    )


_PERSONS = listed("persons", person.c.id)


def _open(person_id: object) -> Select[tuple[object, ...]]:
    """Start a SELECT of tickets that aren't resolved, with whose they may be."""
    columns = (ticket.c.id, ticket.c.updated_at, ticket.c.number, person_id)
    return live_tickets().with_only_columns(*columns).where(ticket.c.status != "resolved")  # type: ignore[call-overload, no-any-return]
