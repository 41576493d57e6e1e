"""Who is meant: their persons, distinct ids, addresses and tickets.

All that carries one e-mail address is taken for one person.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import msgspec

from parley.kernel.db import Db
from parley.kernel.errors import NotFound
from parley.persons.queries.identity import (
    distinct_ids_of_persons,
    emails_of_persons,
    persons_by_emails,
)
from parley.persons.queries.joins import owners_of
from parley.privacy.rules import Asked
from parley.tickets.queries.personal import Theirs, merges_of, tickets_from, tickets_under

T = TypeVar("T")


class Subject(msgspec.Struct, frozen=True):
    """One person, in every way in which a project knows them; the oldest comes first."""

    asked: Asked
    persons: tuple[UUID, ...]
    distinct_ids: tuple[str, ...]
    emails: tuple[str, ...]
    tickets: tuple[UUID, ...]


async def subject_of(db: Db, project_id: int, asked: Asked) -> Subject:
    """Return who is meant, who may be known by nothing; raises NotFound for a person_id that nobody has."""
    named = await _named(db, project_id, asked)
    emails = await emails_of_persons(db, project_id, named)
    if asked.kind == "person_id" and not emails:
        raise NotFound("Nothing is known about this person.")
    own = {email for email in emails.values() if email}
    if asked.kind == "email":
        own = {asked.text}
    persons = [*named, *await persons_by_emails(db, project_id, sorted(own))]
    ids = [*own, asked.text] if asked.kind == "distinct_id" else [*own]
    known = [*await distinct_ids_of_persons(db, project_id, persons), *ids]
    tickets = [
        *await tickets_under(db, project_id, _once(known)),
        *await tickets_from(db, project_id, sorted(own)),
    ]
    visitors = await _visitors(db, project_id, tickets, set(known), own)
    if visitors:
        more = sorted(set((await owners_of(db, project_id, visitors)).values()))
        persons += more
        known += [*visitors, *await distinct_ids_of_persons(db, project_id, more)]
        tickets += await tickets_under(db, project_id, _once(known))
    return Subject(
        asked, _once(persons), _once(known), tuple(sorted(own)), tuple(sorted({one.id for one in tickets}))
    )


async def with_merged(db: Db, project_id: int, subject: Subject) -> Subject:
    """Return the subject with the tickets of others, too, that are merged into theirs."""
    found = set(subject.tickets)
    wanted = found
    while wanted:
        merges = await merges_of(db, project_id, wanted)
        wanted = {
            one.merged_id for one in merges if one.survivor_id in found and one.undone_at is None
        } - found
        found |= wanted
    return msgspec.structs.replace(subject, tickets=tuple(sorted(found)))


async def _named(db: Db, project_id: int, asked: Asked) -> list[UUID]:
    if asked.kind == "person_id":
        return [UUID(asked.text)]
    if asked.kind == "distinct_id":
        return sorted((await owners_of(db, project_id, [asked.text])).values())
    return await persons_by_emails(db, project_id, [asked.text])


async def _visitors(
    db: Db, project_id: int, tickets: list[Theirs], known: set[str], own: set[str]
) -> list[str]:
    """Return the distinct ids of visitors who have told an address of these, and neither they nor their person another."""
    told = sorted({one.distinct_id for one in tickets if one.distinct_id.strip()} - known)
    if not told:
        return []
    owners = await owners_of(db, project_id, told)
    emails = await emails_of_persons(db, project_id, sorted(set(owners.values())))
    others = {name for name, owner in owners.items() if (emails.get(owner) or "") not in {"", *own}}
    everything = await tickets_under(db, project_id, told)
    others |= {one.distinct_id for one in everything if one.emails - own}
    return [name for name in told if name not in others]


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
