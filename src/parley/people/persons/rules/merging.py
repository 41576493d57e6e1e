"""What a series of captured events does to persons: who is made, merged and changed (docs/capture.md#persons).

`plan` is pure: it gets what is stored and answers what to write, so the same rules hold on both databases, inside one
batch as across requests, and for a repeated attempt after a conflict with another request.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from parley.people.persons.rules.names import is_illegal

MAX_PROPERTIES_BYTES = 512 * 1024
"""A change that would make a person's properties larger than this (as JSON) is left out."""
MOST_DISTINCT_IDS = 2500
"""A join that would give a person more distinct ids than this is refused: whoever joins moves all of them."""
SEEN_EVERY = timedelta(hours=1)
"""`last_seen_at` is moved when it is older than this, so that most events write no person."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What one event asks for.

    `joins` is the other distinct id of a merge; `by_force` merges persons that are identified, too. `creates` is
    False for events that must not make a person; they still mark one that exists as seen. `sees` is False for changes
    that aren't the visitor's doing.
    """

    distinct_id: str
    at: datetime
    creates: bool = True
    sees: bool = True
    identifies: bool = False
    joins: str | None = None
    by_force: bool = False
    sets: Mapping[str, Any] = {}
    sets_once: Mapping[str, Any] = {}
    unsets: tuple[str, ...] = ()

    @property
    def distinct_ids(self) -> tuple[str, ...]:
        return (self.distinct_id,) if self.joins is None else (self.distinct_id, self.joins)

    @property
    def is_plain(self) -> bool:
        """Whether it can only make a person and mark it as seen."""
        return not (self.joins or self.identifies or self.sets or self.sets_once or self.unsets)


class Person(msgspec.Struct, kw_only=True):
    """A person as the rules see it."""

    id: UUID
    properties: dict[str, Any]
    is_identified: bool
    created_at: datetime
    last_seen_at: datetime | None


class Known(msgspec.Struct):
    """What is stored: whose each distinct id is, and these persons.

    `n_distinct_ids` says how many distinct ids a person has, up to `MOST_DISTINCT_IDS`; only needed where some are joined.
    """

    owners: dict[str, UUID]
    persons: dict[UUID, Person]
    n_distinct_ids: dict[UUID, int] = {}


class Plan(msgspec.Struct):
    """What to write. `merged` maps persons that end to those that take their distinct ids."""

    made: list[Person] = []
    changed: list[Person] = []
    merged: dict[UUID, UUID] = {}
    new_distinct_ids: dict[str, UUID] = {}
    refused: list[tuple[str, str]] = []

    @property
    def is_empty(self) -> bool:
        return not (self.made or self.changed or self.merged or self.new_distinct_ids)

    @property
    def stored_persons(self) -> set[UUID]:
        """Persons that exist already and must not change under our hands."""
        touched = {person.id for person in self.changed}
        touched.update(self.merged, self.merged.values(), self.new_distinct_ids.values())
        return touched - {person.id for person in self.made}


def is_fresh(seen_at: datetime | None, at: datetime) -> bool:
    """Say whether `last_seen_at` is recent enough to stay."""
    return seen_at is not None and at - seen_at < SEEN_EVERY


def plan(known: Known, operations: Iterable[Operation], new_id: Callable[[], UUID]) -> Plan:
    """Return what the operations, one after the other, make of what is known."""
    drafts = _Drafts(known, new_id)
    for operation in operations:
        drafts.apply(operation)
    return drafts.plan()


class _Drafts:
    """Working copies of persons, with notes of what became different."""

    def __init__(self, known: Known, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id
        self._owners = dict(known.owners)
        self._persons = {key: _Draft(person) for key, person in known.persons.items()}
        self._n_distinct_ids = Counter(known.n_distinct_ids)
        self._merged: dict[UUID, UUID] = {}
        self._new_distinct_ids: list[str] = []
        self._refused: list[tuple[str, str]] = []

    def apply(self, operation: Operation) -> None:
        if operation.joins is not None and operation.joins != operation.distinct_id:
            self._join(operation, operation.joins)
        draft = self._owner(operation.distinct_id)
        if draft is None:
            if not operation.creates:
                return
            draft = self._make(operation, (operation.distinct_id,))
        if operation.identifies:
            draft.identify()
        draft.set_properties(operation)
        if operation.sees:
            draft.see(operation.at)

    def plan(self) -> Plan:
        left = [draft for key, draft in self._persons.items() if key not in self._merged]
        return Plan(
            made=[draft.person for draft in left if draft.is_new],
            changed=[draft.person for draft in left if draft.is_changed and not draft.is_new],
            merged={key: self._survivor(key) for key in self._merged if not self._persons[key].is_new},
            new_distinct_ids={name: self._survivor(self._owners[name]) for name in self._new_distinct_ids},
            refused=self._refused,
        )

    def _owner(self, distinct_id: str) -> "_Draft | None":
        key = self._owners.get(distinct_id)
        return None if key is None else self._persons[self._survivor(key)]

    def _survivor(self, key: UUID) -> UUID:
        passed = []
        while key in self._merged:
            passed.append(key)
            key = self._merged[key]
        for earlier in passed:  # The next look-up takes one step, however long the chain has become.
            self._merged[earlier] = key
        return key

    def _make(self, operation: Operation, distinct_ids: tuple[str, ...]) -> "_Draft":
        person = Person(
            id=self._new_id(),
            properties={},
            is_identified=operation.identifies,
            created_at=operation.at,
            last_seen_at=operation.at,
        )
        draft = self._persons[person.id] = _Draft(person, is_new=True)
        for distinct_id in distinct_ids:
            self._own(distinct_id, draft)
        return draft

    def _own(self, distinct_id: str, draft: "_Draft") -> None:
        self._owners[distinct_id] = draft.person.id
        self._n_distinct_ids[draft.person.id] += 1
        self._new_distinct_ids.append(distinct_id)

    def _has_room(self, draft: "_Draft", more: int) -> bool:
        return self._n_distinct_ids[draft.person.id] + more <= MOST_DISTINCT_IDS

    def _join(self, operation: Operation, other_id: str) -> None:
        target, other = self._owner(operation.distinct_id), self._owner(other_id)
        if is_illegal(operation.distinct_id) or is_illegal(other_id):
            self._refused.append((operation.distinct_id, other_id))
        elif other is None:
            if target is None:
                self._make(operation, (operation.distinct_id, other_id))
            else:
                self._add(other_id, target, operation)
        elif target is None:
            self._add(operation.distinct_id, other, operation)
        elif target is not other:
            self._merge(operation, target, other, other_id)

    def _add(self, distinct_id: str, draft: "_Draft", operation: Operation) -> None:
        if self._has_room(draft, 1):
            self._own(distinct_id, draft)
        else:
            self._refused.append((operation.distinct_id, operation.joins or ""))

    def _merge(self, operation: Operation, target: "_Draft", other: "_Draft", other_id: str) -> None:
        n_more = self._n_distinct_ids[other.person.id]
        is_protected = other.person.is_identified and not operation.by_force
        if is_protected or not self._has_room(target, n_more):
            self._refused.append((operation.distinct_id, other_id))
            return
        target.take_over(other)
        self._n_distinct_ids[target.person.id] += n_more
        self._merged[other.person.id] = target.person.id


class _Draft:
    """A working copy of one person. What a change costs depends on the change, not on how much the person has."""

    def __init__(self, person: Person, *, is_new: bool = False) -> None:
        self.person = person if is_new else msgspec.structs.replace(person)
        self.is_new = is_new
        self.is_changed = False
        self._is_own_copy = is_new
        self._n_bytes: int | None = None

    def identify(self) -> None:
        if not self.person.is_identified:
            self.person.is_identified = True
            self.is_changed = True

    def see(self, at: datetime) -> None:
        if not is_fresh(self.person.last_seen_at, at):
            self.person.last_seen_at = at
            self.is_changed = True

    def take_over(self, other: "_Draft") -> None:
        """Become both persons; what this one knows wins. `other` ends."""
        person, ended = self.person, other.person
        if other.n_bytes > self.n_bytes:
            self._continue(other)
        else:
            self._write(
                {key: value for key, value in ended.properties.items() if key not in person.properties}
            )
        person.created_at = min(person.created_at, ended.created_at)
        seen = [at for at in (person.last_seen_at, ended.last_seen_at) if at is not None]
        person.last_seen_at = max(seen, default=None)
        self.is_changed = True

    def _continue(self, other: "_Draft") -> None:
        """Go on with what the other person knows, changed by what this one does, so that the larger part isn't moved."""
        own, taken = self.person.properties, other.person.properties
        replaced = {key: taken[key] for key in own if key in taken}
        n_bytes = self.n_bytes + other.n_bytes - (_size(replaced) if replaced else 0)
        if n_bytes > max(self.n_bytes, MAX_PROPERTIES_BYTES):
            return
        if not other._is_own_copy:
            taken = dict(taken)
        taken.update(own)
        self.person.properties = taken
        self._is_own_copy = True
        self._n_bytes = n_bytes

    @property
    def n_bytes(self) -> int:
        """How long the properties are as JSON, give or take a comma."""
        if self._n_bytes is None:
            self._n_bytes = _size(self.person.properties)
        return self._n_bytes

    def set_properties(self, operation: Operation) -> None:
        stored = self.person.properties
        wanted = {key: value for key, value in operation.sets_once.items() if key not in stored}
        wanted.update(operation.sets)
        for key in operation.unsets:
            wanted.pop(key, None)
        self._write(wanted, [key for key in operation.unsets if key in stored])

    def _write(self, wanted: Mapping[str, Any], unwanted: Iterable[str] = ()) -> None:
        stored = self.person.properties
        changes = {
            key: value for key, value in wanted.items() if key not in stored or not _same(stored[key], value)
        }
        gone = {key: stored[key] for key in {*changes, *unwanted} if key in stored}
        if not changes and not gone:
            return
        n_bytes = self.n_bytes + _size(changes) - _size(gone)
        if n_bytes > max(self.n_bytes, MAX_PROPERTIES_BYTES):
            return
        if not self._is_own_copy:
            self.person.properties = stored = dict(stored)
            self._is_own_copy = True
        for key in gone:
            del stored[key]
        stored.update(changes)
        self._n_bytes = n_bytes
        self.is_changed = True


def _same(one: Any, other: Any) -> bool:
    # In Python True equals 1; in JSON they differ.
    return one is other or (one == other and msgspec.json.encode(one) == msgspec.json.encode(other))


def _size(properties: Mapping[str, Any]) -> int:
    return len(msgspec.json.encode(properties))
