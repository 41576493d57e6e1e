"""What a series of captured events does to persons: who is made, merged and changed (docs/capture.md#persons).

`plan` is pure: it gets what is stored and answers what to write, so the same rules hold on both databases, inside one
batch as across requests, and for a repeated attempt after a conflict with another request.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from parley.people.persons.rules.drafts import Operation, Person, PersonDraft
from parley.people.persons.rules.names import is_placeholder_id

MOST_DISTINCT_IDS = 2500
"""A merge that would give a person more distinct ids than this is refused: it moves all of them."""


class StoredPersons(msgspec.Struct):
    """What is stored: whose each distinct id is, and these persons.

    `n_distinct_ids` says how many distinct ids a person has, up to `MOST_DISTINCT_IDS`; only needed where some are merged.
    """

    owners: dict[str, UUID]
    persons: dict[UUID, Person]
    n_distinct_ids: dict[UUID, int] = {}


class PersonPlan(msgspec.Struct):
    """What to write. `merged` maps persons that end to those that take their distinct ids."""

    created: list[Person] = []
    changed: list[Person] = []
    merged: dict[UUID, UUID] = {}
    new_distinct_ids: dict[str, UUID] = {}
    refused: list[tuple[str, str]] = []

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.changed or self.merged or self.new_distinct_ids)

    @property
    def stored_persons(self) -> set[UUID]:
        """Persons that exist already and must not change under our hands."""
        touched = {person.id for person in self.changed}
        touched.update(self.merged, self.merged.values(), self.new_distinct_ids.values())
        return touched - {person.id for person in self.created}


def plan(stored: StoredPersons, operations: Iterable[Operation], new_id: Callable[[], UUID]) -> PersonPlan:
    """Return what the operations, one after the other, make of the stored persons."""
    merging = _Merging(stored, new_id)
    for operation in operations:
        merging.apply(operation)
    return merging.plan()


class _Merging:
    """Working copies of persons, and what became of their distinct ids."""

    def __init__(self, stored: StoredPersons, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id
        self._owners = dict(stored.owners)
        self._persons = {key: PersonDraft(person) for key, person in stored.persons.items()}
        self._n_distinct_ids = Counter(stored.n_distinct_ids)
        self._merged: dict[UUID, UUID] = {}
        self._new_distinct_ids: list[str] = []
        self._refused: list[tuple[str, str]] = []

    def apply(self, operation: Operation) -> None:
        if operation.merges_with is not None and operation.merges_with != operation.distinct_id:
            self._merge_ids(operation, operation.merges_with)
        draft = self._owner(operation.distinct_id)
        if draft is None:
            if not operation.creates_person:
                return
            draft = self._create(operation, (operation.distinct_id,))
        if operation.identifies:
            draft.identify()
        draft.set_properties(operation)
        if operation.marks_seen:
            draft.mark_seen(operation.at)

    def plan(self) -> PersonPlan:
        left = [draft for key, draft in self._persons.items() if key not in self._merged]
        return PersonPlan(
            created=[draft.person for draft in left if draft.is_new],
            changed=[draft.person for draft in left if draft.is_changed and not draft.is_new],
            merged={key: self._target_of(key) for key in self._merged if not self._persons[key].is_new},
            new_distinct_ids={name: self._target_of(self._owners[name]) for name in self._new_distinct_ids},
            refused=self._refused,
        )

    def _owner(self, distinct_id: str) -> "PersonDraft | None":
        key = self._owners.get(distinct_id)
        return None if key is None else self._persons[self._target_of(key)]

    def _target_of(self, key: UUID) -> UUID:
        passed = []
        while key in self._merged:
            passed.append(key)
            key = self._merged[key]
        for earlier in passed:  # The next look-up takes one step, however long the chain has become.
            self._merged[earlier] = key
        return key

    def _create(self, operation: Operation, distinct_ids: tuple[str, ...]) -> "PersonDraft":
        person = Person(
            id=self._new_id(),
            properties={},
            is_identified=operation.identifies,
            created_at=operation.at,
            last_seen_at=operation.at,
        )
        draft = self._persons[person.id] = PersonDraft(person, is_new=True)
        for distinct_id in distinct_ids:
            self._own(distinct_id, draft)
        return draft

    def _own(self, distinct_id: str, draft: "PersonDraft") -> None:
        self._owners[distinct_id] = draft.person.id
        self._n_distinct_ids[draft.person.id] += 1
        self._new_distinct_ids.append(distinct_id)

    def _has_room(self, draft: "PersonDraft", more: int) -> bool:
        return self._n_distinct_ids[draft.person.id] + more <= MOST_DISTINCT_IDS

    def _merge_ids(self, operation: Operation, other_id: str) -> None:
        target, other = self._owner(operation.distinct_id), self._owner(other_id)
        if is_placeholder_id(operation.distinct_id) or is_placeholder_id(other_id):
            self._refused.append((operation.distinct_id, other_id))
        elif other is None:
            if target is None:
                self._create(operation, (operation.distinct_id, other_id))
            else:
                self._add(other_id, target, operation)
        elif target is None:
            self._add(operation.distinct_id, other, operation)
        elif target is not other:
            self._merge_persons(operation, target, other, other_id)

    def _add(self, distinct_id: str, draft: "PersonDraft", operation: Operation) -> None:
        if self._has_room(draft, 1):
            self._own(distinct_id, draft)
        else:
            self._refused.append((operation.distinct_id, operation.merges_with or ""))

    def _merge_persons(
        self, operation: Operation, target: "PersonDraft", other: "PersonDraft", other_id: str
    ) -> None:
        n_more = self._n_distinct_ids[other.person.id]
        is_protected = other.person.is_identified and not operation.by_force
        if is_protected or not self._has_room(target, n_more):
            self._refused.append((operation.distinct_id, other_id))
            return
        target.take_over(other)
        self._n_distinct_ids[target.person.id] += n_more
        self._merged[other.person.id] = target.person.id
