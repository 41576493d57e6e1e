"""Who is meant: their persons, distinct ids, addresses and tickets.

All that carries one e-mail address is taken for one person.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import msgspec

from parley.administration.privacy.rules import Asked
from parley.administration.privacy.schemas import LeftOut, LeftOutTicket
from parley.conversations.personal_data.queries.stored import (
    Theirs,
    merges_of,
    tickets_from,
    tickets_under,
)
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.people.persons.queries.identity import (
    distinct_ids_of_persons,
    emails_of_persons,
    persons_by_emails,
)
from parley.people.persons.queries.joins import owners_of

T = TypeVar("T")


class Subject(msgspec.Struct, frozen=True):
    """One person, in every way in which a project knows them; the oldest comes first.

    `left_out` is what belongs to distinct ids that were not asked for and have verified tickets; `shared_persons` are
    the persons of these.
    """

    asked: Asked
    persons: tuple[UUID, ...]
    distinct_ids: tuple[str, ...]
    emails: tuple[str, ...]
    tickets: tuple[UUID, ...]
    shared_persons: tuple[UUID, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class _Known(msgspec.Struct, frozen=True):
    """What a search has found."""

    persons: tuple[UUID, ...]
    distinct_ids: tuple[str, ...]
    emails: tuple[str, ...]
    tickets: tuple[Theirs, ...]


class _Strangers(msgspec.Struct, frozen=True):
    """Who must not be taken for the person who is asked for."""

    distinct_ids: frozenset[str] = frozenset()
    persons: frozenset[UUID] = frozenset()
    emails: frozenset[str] = frozenset()


async def subject_of(db: Db, project_id: int, asked: Asked, *, is_confirmed: bool) -> Subject:
    """Return who is meant, who may be known by nothing; raises NotFound for a person_id that nobody has.

    Anybody can have capture link two ids, so another id's verified tickets, and all else of that id, are only included
    where an admin has confirmed that.
    """
    everything = found = await _known(db, project_id, asked, _Strangers())
    strangers = _Strangers()
    if not is_confirmed:
        asked_ids = await _asked_ids(db, project_id, asked)
        while others := _others(found, asked_ids):
            strangers = await _strangers(db, project_id, strangers.distinct_ids | others)
            found = await _known(db, project_id, asked, strangers)
    tickets = {one.id for one in found.tickets}
    return Subject(
        asked,
        found.persons,
        found.distinct_ids,
        found.emails,
        tuple(sorted(tickets)),
        tuple(sorted(strangers.persons)),
        _left_out(one for one in everything.tickets if one.id not in tickets),
    )


async def _known(db: Db, project_id: int, asked: Asked, strangers: _Strangers) -> _Known:
    named = await _named(db, project_id, asked)
    emails = await emails_of_persons(db, project_id, named)
    if asked.kind == "person_id" and not emails:
        raise NotFound("Nothing is known about this person.")
    own = {email for email in emails.values() if email} - strangers.emails
    if asked.kind == "email":
        own = {asked.text}
    persons = [*named, *await persons_by_emails(db, project_id, sorted(own))]
    ids = [*own, asked.text] if asked.kind == "distinct_id" else [*own]
    known = [*await distinct_ids_of_persons(db, project_id, persons), *ids]
    known = [id for id in known if id not in strangers.distinct_ids]
    tickets = [
        *await tickets_under(db, project_id, _once(known)),
        *await tickets_from(db, project_id, sorted(own)),
    ]
    tickets = [one for one in tickets if one.distinct_id not in strangers.distinct_ids]
    visitors = await _visitors(db, project_id, tickets, set(known), own)
    if visitors:
        more = sorted(set((await owners_of(db, project_id, visitors)).values()) - strangers.persons)
        persons += more
        known += [*visitors, *await distinct_ids_of_persons(db, project_id, more)]
        tickets += await tickets_under(db, project_id, _once(known))
    persons = [id for id in persons if id not in strangers.persons]
    once = {one.id: one for one in tickets}
    return _Known(_once(persons), _once(known), tuple(sorted(own)), tuple(once.values()))


async def _asked_ids(db: Db, project_id: int, asked: Asked) -> set[str]:
    """Return the distinct ids that are asked for without any link between ids; of an address, in lower case."""
    if asked.kind != "person_id":
        return {asked.text}
    ids = await distinct_ids_of_persons(db, project_id, [UUID(asked.text)])
    return set(ids) if len(ids) == 1 else set()


def _others(found: _Known, asked_ids: set[str]) -> frozenset[str]:
    """Return the distinct ids with verified tickets that nobody has asked for."""
    signed = {one.distinct_id for one in found.tickets if one.identity_verified}
    return frozenset(id for id in signed if id not in asked_ids and not _is_address(id, asked_ids))


def _is_address(distinct_id: str, asked_ids: set[str]) -> bool:
    return "@" in distinct_id and distinct_id.lower() in asked_ids


async def _strangers(db: Db, project_id: int, distinct_ids: frozenset[str]) -> _Strangers:
    owners = await owners_of(db, project_id, sorted(distinct_ids))
    emails = await emails_of_persons(db, project_id, sorted(set(owners.values())))
    known = frozenset(email for email in emails.values() if email)
    return _Strangers(distinct_ids, frozenset(owners.values()), known)


def _left_out(tickets: Iterable[Theirs]) -> tuple[LeftOut, ...]:
    found: dict[str, list[LeftOutTicket]] = {}
    for one in sorted(tickets, key=lambda one: one.number):
        found.setdefault(one.distinct_id, []).append(
            LeftOutTicket(id=one.id, ticket_number=one.number, identity_verified=one.identity_verified)
        )
    return tuple(LeftOut(distinct_id=id, tickets=theirs) for id, theirs in found.items())


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
