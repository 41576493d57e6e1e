"""The data subject of a request: their persons, distinct ids, addresses and tickets.

All that carries one e-mail address is taken for one person.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import msgspec

from parley.administration.privacy.rules import SubjectReference
from parley.administration.privacy.schemas import LeftOut, LeftOutTicket
from parley.conversations.personal_data.queries.stored import (
    TicketOfRequester,
    stored_merges,
    tickets_of_distinct_ids,
    tickets_of_emails,
)
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.people.persons.queries.by_identifier import owners_of
from parley.people.persons.queries.identity import (
    distinct_ids_of_persons,
    emails_of_persons,
    persons_by_emails,
)

T = TypeVar("T")


class DataSubject(msgspec.Struct, frozen=True):
    """One person, in every way in which a project knows them; the oldest comes first.

    `left_out` is what belongs to distinct ids that were not asked for and have verified tickets; `shared_persons` are
    the persons of these.
    """

    reference: SubjectReference
    persons: tuple[UUID, ...]
    distinct_ids: tuple[str, ...]
    emails: tuple[str, ...]
    tickets: tuple[UUID, ...]
    shared_persons: tuple[UUID, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class _Matches(msgspec.Struct, frozen=True):
    """What belongs to a data subject, as far as one search has found it."""

    persons: tuple[UUID, ...]
    distinct_ids: tuple[str, ...]
    emails: tuple[str, ...]
    tickets: tuple[TicketOfRequester, ...]


class _OtherPeople(msgspec.Struct, frozen=True):
    """Who must not be taken for the data subject."""

    distinct_ids: frozenset[str] = frozenset()
    persons: frozenset[UUID] = frozenset()
    emails: frozenset[str] = frozenset()


async def data_subject_of(
    db: Db, project_id: int, reference: SubjectReference, *, is_confirmed: bool
) -> DataSubject:
    """Return who is meant, who may be known by nothing; raises NotFound for a person_id that nobody has.

    Anybody can have capture link two ids, so another id's verified tickets, and all else of that id, are only included
    where an admin has confirmed that.
    """
    everything = found = await _matches(db, project_id, reference, _OtherPeople())
    other_people = _OtherPeople()
    if not is_confirmed:
        named_ids = await _named_ids(db, project_id, reference)
        while others := _unnamed_ids(found, named_ids):
            other_people = await _other_people(db, project_id, other_people.distinct_ids | others)
            found = await _matches(db, project_id, reference, other_people)
    tickets = {one.id for one in found.tickets}
    return DataSubject(
        reference,
        found.persons,
        found.distinct_ids,
        found.emails,
        tuple(sorted(tickets)),
        tuple(sorted(other_people.persons)),
        _left_out(one for one in everything.tickets if one.id not in tickets),
    )


async def _matches(
    db: Db, project_id: int, reference: SubjectReference, other_people: _OtherPeople
) -> _Matches:
    named = await _named_persons(db, project_id, reference)
    emails = await emails_of_persons(db, project_id, named)
    if reference.kind == "person_id" and not emails:
        raise NotFound("Nothing is known about this person.")
    own = {email for email in emails.values() if email} - other_people.emails
    if reference.kind == "email":
        own = {reference.text}
    persons = [*named, *await persons_by_emails(db, project_id, sorted(own))]
    ids = [*own, reference.text] if reference.kind == "distinct_id" else [*own]
    known = [*await distinct_ids_of_persons(db, project_id, persons), *ids]
    known = [id for id in known if id not in other_people.distinct_ids]
    tickets = [
        *await tickets_of_distinct_ids(db, project_id, _unique(known)),
        *await tickets_of_emails(db, project_id, sorted(own)),
    ]
    tickets = [one for one in tickets if one.distinct_id not in other_people.distinct_ids]
    visitors = await _visitors_with_address(db, project_id, tickets, set(known), own)
    if visitors:
        more = sorted(set((await owners_of(db, project_id, visitors)).values()) - other_people.persons)
        persons += more
        known += [*visitors, *await distinct_ids_of_persons(db, project_id, more)]
        tickets += await tickets_of_distinct_ids(db, project_id, _unique(known))
    persons = [id for id in persons if id not in other_people.persons]
    once = {one.id: one for one in tickets}
    return _Matches(_unique(persons), _unique(known), tuple(sorted(own)), tuple(once.values()))


async def _named_ids(db: Db, project_id: int, reference: SubjectReference) -> set[str]:
    """Return the distinct ids that are asked for without any link between ids; of an address, in lower case."""
    if reference.kind != "person_id":
        return {reference.text}
    ids = await distinct_ids_of_persons(db, project_id, [UUID(reference.text)])
    return set(ids) if len(ids) == 1 else set()


def _unnamed_ids(found: _Matches, named_ids: set[str]) -> frozenset[str]:
    """Return the distinct ids with verified tickets that nobody has asked for."""
    signed = {one.distinct_id for one in found.tickets if one.identity_verified}
    return frozenset(id for id in signed if id not in named_ids and not _is_address(id, named_ids))


def _is_address(distinct_id: str, named_ids: set[str]) -> bool:
    return "@" in distinct_id and distinct_id.lower() in named_ids


async def _other_people(db: Db, project_id: int, distinct_ids: frozenset[str]) -> _OtherPeople:
    owners = await owners_of(db, project_id, sorted(distinct_ids))
    emails = await emails_of_persons(db, project_id, sorted(set(owners.values())))
    known = frozenset(email for email in emails.values() if email)
    return _OtherPeople(distinct_ids, frozenset(owners.values()), known)


def _left_out(tickets: Iterable[TicketOfRequester]) -> tuple[LeftOut, ...]:
    found: dict[str, list[LeftOutTicket]] = {}
    for one in sorted(tickets, key=lambda one: one.number):
        found.setdefault(one.distinct_id, []).append(
            LeftOutTicket(id=one.id, ticket_number=one.number, identity_verified=one.identity_verified)
        )
    return tuple(LeftOut(distinct_id=id, tickets=theirs) for id, theirs in found.items())


async def with_merged_tickets(db: Db, project_id: int, subject: DataSubject) -> DataSubject:
    """Return the subject with the tickets of others, too, that are merged into theirs."""
    found = set(subject.tickets)
    wanted = found
    while wanted:
        merges = await stored_merges(db, project_id, wanted)
        wanted = {
            one.merged_id for one in merges if one.survivor_id in found and one.undone_at is None
        } - found
        found |= wanted
    return msgspec.structs.replace(subject, tickets=tuple(sorted(found)))


async def _named_persons(db: Db, project_id: int, reference: SubjectReference) -> list[UUID]:
    if reference.kind == "person_id":
        return [UUID(reference.text)]
    if reference.kind == "distinct_id":
        return sorted((await owners_of(db, project_id, [reference.text])).values())
    return await persons_by_emails(db, project_id, [reference.text])


async def _visitors_with_address(
    db: Db, project_id: int, tickets: list[TicketOfRequester], known_ids: set[str], own_emails: set[str]
) -> list[str]:
    """Return the distinct ids of visitors who have stated an address of these, and neither they nor their person another."""
    candidates = sorted({one.distinct_id for one in tickets if one.distinct_id.strip()} - known_ids)
    if not candidates:
        return []
    owners = await owners_of(db, project_id, candidates)
    emails = await emails_of_persons(db, project_id, sorted(set(owners.values())))
    others = {name for name, owner in owners.items() if (emails.get(owner) or "") not in {"", *own_emails}}
    everything = await tickets_of_distinct_ids(db, project_id, candidates)
    others |= {one.distinct_id for one in everything if one.emails - own_emails}
    return [name for name in candidates if name not in others]


def _unique(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
