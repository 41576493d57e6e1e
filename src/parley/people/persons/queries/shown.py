"""Persons as the API lists and shows them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, func, select, union

from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.network.emails import normal_email
from parley.kernel.text.json_text import read_json
from parley.people.persons.queries.by_identifier import LISTED_PROPERTIES, distinct_ids_text, has_distinct_id
from parley.people.persons.queries.property_conditions import property_condition
from parley.people.persons.rules.names import display_name, search_name
from parley.people.persons.rules.property_filters import PersonPropertyFilter
from parley.people.persons.schemas import PersonOut
from parley.people.persons.tables import person, person_distinct_id, person_tally

LAST_CHARACTER = "\U0010ffff"
_SHOWN = (
    person.c.id,
    person.c.properties,
    person.c.created_at,
    person.c.last_seen_at,
    distinct_ids_text().label("distinct_ids"),
)
_LISTED = tuple(LISTED_PROPERTIES if column is person.c.properties else column for column in _SHOWN)


class PersonFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None and empty mean no condition."""

    distinct_id: str | None = None
    email: str | None = None
    search: str | None = None
    properties: Sequence[PersonPropertyFilter] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.distinct_id or self.email or self.search or self.properties)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that every reading of persons starts with."""
    return person.c.project_id == actor.project_id


def person_out(row: Row[Any]) -> PersonOut:
    """Return the answer of a row of `_SHOWN` or `_LISTED`."""
    distinct_ids = read_json(row.distinct_ids) if row.distinct_ids else []
    return PersonOut(
        id=row.id,
        uuid=row.id,
        name=display_name(row.properties, distinct_ids),
        distinct_ids=distinct_ids,
        properties=row.properties,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


async def person_by_id(db: Db, actor: Actor, reference: str) -> PersonOut:
    """Return a person by uuid, or by distinct id where it is no uuid; raises NotFound.

    Served by the primary keys of `person` and `person_distinct_id`.
    """
    shown = select(*_SHOWN).where(visible(actor))
    try:
        shown = shown.where(person.c.id == UUID(reference))
    except ValueError:
        shown = shown.where(person.c.id.in_(_owner_of(actor, reference)))
    row = (await db.execute(shown)).first()
    if row is None:
        raise NotFound
    return person_out(row)


async def persons_page(
    db: Db, actor: Actor, filters: PersonFilters, asked: PageRequest
) -> tuple[int, list[PersonOut]]:
    """Return how many persons match, and those of one page, newest first: by when they were created here."""
    matching = _matching(actor, filters)
    page = newest_persons(actor, filters)
    last_id = _id_of(asked.cursor)
    page = page.offset(asked.offset) if last_id is None else page.where(person.c.id < last_id)
    found = (await db.execute(page.limit(asked.limit))).all()
    if filters.is_empty:
        count = await n_persons(db, actor.project_id)
    else:
        count = (await db.execute(select(func.count()).select_from(person).where(*matching))).scalar_one()
    return count, [person_out(row) for row in found]


def newest_persons(actor: Actor, filters: PersonFilters) -> Select[Any]:
    """Return the SELECT of matching persons, newest first.

    Without filters it is served by the primary key, so that a page is all it costs. `distinct_id`, `email` and `search`
    start from their indexes. `properties` reads the persons of the project.
    """
    return select(*_LISTED).where(*_matching(actor, filters)).order_by(person.c.id.desc())


def _id_of(cursor: str | None) -> UUID | None:
    """Read the cursor of a page, which is the id of the last person before it."""
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        return None


_N_PERSONS = Prepared(
    select(func.coalesce(func.sum(person_tally.c.n_persons), 0)).where(
        person_tally.c.project_id == bindparam("project_id")
    )
)


async def n_persons(db: Db, project_id: int) -> int:
    """Return the exact number of persons of a project. Served by the primary key of `person_tally`."""
    row = await db.row(_N_PERSONS, project_id=project_id)
    return int(row[0]) if row else 0


def _owner_of(actor: Actor, distinct_id: str) -> Select[tuple[UUID]]:
    return select(person_distinct_id.c.person_id).where(has_distinct_id(actor.project_id, distinct_id))


def _matching(actor: Actor, filters: PersonFilters) -> list[ColumnElement[bool]]:
    matching = [visible(actor)]
    if filters.distinct_id:
        matching.append(person.c.id.in_(_owner_of(actor, filters.distinct_id)))
    if filters.email:
        # As a list of ids, since SQLite would rather look through everybody in the order of the list.
        same = select(person.c.id).where(visible(actor), person.c.email == normal_email(filters.email))
        matching.append(person.c.id.in_(same))
    if filters.search:
        matching.append(person.c.id.in_(_found_by(actor, filters.search)))
    matching.extend(property_condition(person.c.properties, wanted) for wanted in filters.properties)
    return matching


def _found_by(actor: Actor, search: str) -> Any:
    """Return the ids of persons whose e-mail address or name begins so, or that have exactly this distinct id."""
    begins = (select(person.c.id).where(visible(actor), *within) for _, within in _beginnings(search))
    return union(*begins, _owner_of(actor, search)).subquery().select()


def _beginnings(search: str) -> list[tuple[Column[Any], tuple[ColumnElement[bool], ColumnElement[bool]]]]:
    """Return each column that a search looks through, with the condition that its text begins so (a range of its index)."""
    starts = ((person.c.email, normal_email(search)), (person.c.search_name, search_name(search)))
    return [(column, (column >= start, column < start + LAST_CHARACTER)) for column, start in starts]


async def persons_beginning(db: Db, actor: Actor, search: str, limit: int) -> list[PersonOut]:
    """Return some of those that the search of the list finds, in the order of their names and addresses.

    It costs the same however many there are: each index is read from the first match on.
    """
    begins = [
        select(
            select(person.c.id).where(visible(actor), *within).order_by(column).limit(limit).subquery().c.id
        )
        for column, within in _beginnings(search)
    ]
    ids = union(*begins, _owner_of(actor, search)).subquery().select()
    shown = select(*_LISTED).where(visible(actor), person.c.id.in_(ids))
    rows = (await db.execute(shown.order_by(person.c.search_name, person.c.email).limit(limit))).all()
    return [person_out(row) for row in rows]


async def distinct_ids_found(db: Db, actor: Actor, search: str, limit: int) -> list[str]:
    """Return distinct ids of persons whose e-mail address or name begins so, or who have exactly this one."""
    theirs = select(person_distinct_id.c.distinct_id).where(
        person_distinct_id.c.project_id == actor.project_id,
        person_distinct_id.c.person_id.in_(_found_by(actor, search)),
    )
    return [row[0] for row in (await db.execute(theirs.limit(limit))).all()]


_DISTINCT_IDS = Prepared(
    select(person_distinct_id.c.distinct_id)
    .where(
        person_distinct_id.c.project_id == bindparam("project_id"),
        person_distinct_id.c.person_id == bindparam("person_id"),
    )
    .order_by(person_distinct_id.c.created_at, person_distinct_id.c.distinct_id)
)


async def every_distinct_id(db: Db, project_id: int, person_id: UUID) -> list[str]:
    """Return all distinct ids of a person, however many.

    Served by ix_person_distinct_id_project_id_person_id_created_at.
    """
    rows = await db.rows(_DISTINCT_IDS, project_id=project_id, person_id=person_id)
    return [distinct_id for (distinct_id,) in rows]
