"""A person as captured events change it, one operation after the other."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

MAX_PROPERTIES_BYTES = 512 * 1024
"""A change that would make a person's properties larger than this (as JSON) is left out."""
SEEN_EVERY = timedelta(hours=1)
"""`last_seen_at` is moved when it is older than this, so that most events write no person."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What one event asks of persons.

    `merges_with` is the other distinct id of a merge; `by_force` merges persons that are identified, too. `creates_person`
    is False for events that must not create one; they still mark one that exists as seen. `marks_seen` is False for changes
    that aren't the visitor's doing.
    """

    distinct_id: str
    at: datetime
    creates_person: bool = True
    marks_seen: bool = True
    identifies: bool = False
    merges_with: str | None = None
    by_force: bool = False
    sets: Mapping[str, Any] = {}
    sets_once: Mapping[str, Any] = {}
    unsets: tuple[str, ...] = ()

    @property
    def distinct_ids(self) -> tuple[str, ...]:
        return (self.distinct_id,) if self.merges_with is None else (self.distinct_id, self.merges_with)

    @property
    def is_plain(self) -> bool:
        """Whether it can only create a person and mark it as seen."""
        return not (self.merges_with or self.identifies or self.sets or self.sets_once or self.unsets)


class Person(msgspec.Struct, kw_only=True):
    """A person as the rules see it."""

    id: UUID
    properties: dict[str, Any]
    is_identified: bool
    created_at: datetime
    last_seen_at: datetime | None


def is_fresh(seen_at: datetime | None, at: datetime) -> bool:
    """Say whether `last_seen_at` is recent enough to stay."""
    return seen_at is not None and at - seen_at < SEEN_EVERY


class PersonDraft:
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

    def mark_seen(self, at: datetime) -> None:
        if not is_fresh(self.person.last_seen_at, at):
            self.person.last_seen_at = at
            self.is_changed = True

    def take_over(self, other: "PersonDraft") -> None:
        """Become both persons; this one's properties win. `other` ends."""
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

    def _continue(self, other: "PersonDraft") -> None:
        """Go on with the other person's properties, changed by this one's, so that the larger part isn't copied."""
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
