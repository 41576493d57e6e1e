"""Persons as other features look them up: by a distinct id, an id or an e-mail address."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    ScalarSelect,
    and_,
    bindparam,
    exists,
    or_,
    select,
    type_coerce,
)

from parley.kernel.database.bulk import LookUp
from parley.kernel.database.columns import RawJson
from parley.kernel.database.database import Database
from parley.kernel.database.dialect import json_array_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.network.emails import normal_email
from parley.kernel.text.json_text import read_json, texts_of
from parley.people.persons.rules.names import (
    DISPLAY_NAME_PROPERTIES,
    LISTED_PROPERTIES_BYTES,
    MAX_LISTED_NAME,
)
from parley.people.persons.tables import person, person_distinct_id

MAX_DISTINCT_IDS = 100
"""So many of a person's distinct ids are shown, the oldest first; a merged robot may have thousands."""


class ListedProperties(RawJson):
    """Properties as lists show them: of more than 16 KiB only what names somebody. Their size is a visitor's choice."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        to_raw = super().result_processor(dialect, coltype)

        def to_listed(value: Any) -> dict[str, Any] | None:
            raw = to_raw(value)
            if raw is None:
                return None
            text = bytes(raw)
            if len(text) > LISTED_PROPERTIES_BYTES:
                return texts_of(text, DISPLAY_NAME_PROPERTIES, MAX_LISTED_NAME)
            found: dict[str, Any] = read_json(text)
            return found

        return to_listed


LISTED_PROPERTIES = type_coerce(person.c.properties, ListedProperties).label("properties")


def distinct_ids_text() -> ScalarSelect[str]:
    """Return the distinct ids of the `person` of the enclosing SELECT, as the text of a JSON array.

    Served by ix_person_distinct_id_project_id_person_id_created_at.
    """
    shown = (
        select(person_distinct_id.c.distinct_id)
        .where(
            person_distinct_id.c.project_id == person.c.project_id,
            person_distinct_id.c.person_id == person.c.id,
        )
        .order_by(person_distinct_id.c.created_at, person_distinct_id.c.distinct_id)
        .limit(MAX_DISTINCT_IDS)
        .correlate(person)
        .subquery("shown")
    )
    return select(json_array_text(shown.c.distinct_id)).scalar_subquery()


class ListedPerson(msgspec.Struct, frozen=True):
    """A person as lists show them: with the oldest of their distinct ids, and not all of large properties."""

    id: UUID
    properties: dict[str, Any]
    is_identified: bool
    created_at: datetime
    distinct_ids: list[str]


_FIELDS = ListedPerson.__struct_fields__
_COLUMN_OF = {
    **{name: person.c[name] for name in ("id", "is_identified", "created_at")},
    "properties": LISTED_PROPERTIES,
    "distinct_ids": distinct_ids_text(),
}


def _listed_person(row: Sequence[Any]) -> ListedPerson:
    values = dict(zip(_FIELDS, row, strict=True))
    distinct_ids = values.pop("distinct_ids")
    return ListedPerson(**values, distinct_ids=read_json(distinct_ids) if distinct_ids else [])


def has_distinct_id(project_id: Any, distinct_id: Any) -> ColumnElement[bool]:
    """Return the condition that joins `person_distinct_id`; served by its primary key."""
    return and_(
        person_distinct_id.c.project_id == project_id, person_distinct_id.c.distinct_id == distinct_id
    )


def is_its_person() -> ColumnElement[bool]:
    """Return the condition that joins `person` to `person_distinct_id`; served by its primary key."""
    return and_(
        person.c.project_id == person_distinct_id.c.project_id, person.c.id == person_distinct_id.c.person_id
    )


def names_the_same(project_id: Any, one: Any, other: Column[str]) -> ColumnElement[bool]:
    """Return the condition that both distinct ids are equal or of one person; served by the primary key."""
    mine, theirs = person_distinct_id.alias(), person_distinct_id.alias()
    joined = exists().where(
        *(mine.c.project_id == project_id, mine.c.distinct_id == one),
        *(theirs.c.project_id == project_id, theirs.c.distinct_id == other),
        mine.c.person_id == theirs.c.person_id,
    )
    return or_(other == one, joined.correlate(other.table))


_FIRST_BY_EMAIL = Prepared(
    select(person_distinct_id.c.distinct_id)
    .join(person, is_its_person())
    .where(person.c.project_id == bindparam("project_id"), person.c.email == bindparam("email"))
    .order_by(
        person.c.created_at, person.c.id, person_distinct_id.c.created_at, person_distinct_id.c.distinct_id
    )
    .limit(1)
)


Source = Db | Database
"""An open transaction, or the database for a read outside any."""


async def _found(source: Source, prepared: Prepared, **values: Any) -> Sequence[Sequence[Any]]:
    return await (source.rows if isinstance(source, Db) else source.read)(prepared, **values)


async def first_distinct_id_by_email(source: Source, project_id: int, email: str) -> str | None:
    """Return the first distinct id of the oldest person with the e-mail address, in any letter case.

    Served by ix_person_project_id_email.
    """
    found = await _found(source, _FIRST_BY_EMAIL, project_id=project_id, email=normal_email(email))
    return found[0][0] if found else None


_OWNERS = LookUp(
    person_distinct_id.c.distinct_id,
    select(person_distinct_id.c.person_id).where(person_distinct_id.c.project_id == bindparam("project_id")),
)
_PERSONS = LookUp(
    person.c.id,
    select(*(_COLUMN_OF[name] for name in _FIELDS)).where(person.c.project_id == bindparam("project_id")),
)


async def owners_of(source: Source, project_id: int, distinct_ids: Sequence[str]) -> dict[str, UUID]:
    """Return whose the distinct ids are; those that nobody has are missing. Served by the primary key."""
    return {row[0]: row[1] for row in await _OWNERS.run(source, distinct_ids, project_id=project_id)}


async def persons_by_distinct_ids(
    source: Source, project_id: int, distinct_ids: Sequence[str]
) -> dict[str, ListedPerson]:
    """Return the person of each of the distinct ids that somebody has. Served by the primary keys."""
    owners = await owners_of(source, project_id, distinct_ids)
    persons = await persons_by_ids(source, project_id, set(owners.values()))
    return {name: persons[owner] for name, owner in owners.items() if owner in persons}


async def persons_by_ids(source: Source, project_id: int, ids: Collection[UUID]) -> dict[UUID, ListedPerson]:
    """Return the persons with these ids. Served by the primary key."""
    found = await _PERSONS.run(source, sorted(ids), project_id=project_id)
    return {key: _listed_person(row) for key, *row in found}
