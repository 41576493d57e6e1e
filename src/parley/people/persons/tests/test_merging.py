"""The rules of merging, as tables and as laws that hold for any series of events."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.people.persons.rules.drafts import MAX_PROPERTIES_BYTES, Operation, Person
from parley.people.persons.rules.merging import (
    MOST_DISTINCT_IDS,
    PersonPlan,
    StoredPersons,
    plan,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def operation(distinct_id: str, **others: Any) -> Operation:
    return Operation(distinct_id=distinct_id, **{"at": NOW, **others})


def identify(distinct_id: str, anonymous_id: str, **others: Any) -> Operation:
    return operation(distinct_id, merges_with=anonymous_id, identifies=True, **others)


class Store:
    """What a database would hold after the plans."""

    def __init__(self) -> None:
        self.owners: dict[str, UUID] = {}
        self.persons: dict[UUID, Person] = {}

    def apply(self, *operations: Operation) -> PersonPlan:
        known = StoredPersons(
            self.owners, {key: msgspec.structs.replace(p) for key, p in self.persons.items()}
        )
        planned = plan(known, operations, uuid4)
        for person in (*planned.created, *planned.changed):
            self.persons[person.id] = person
        self.owners.update(planned.new_distinct_ids)
        for distinct_id, owner in self.owners.items():
            self.owners[distinct_id] = planned.merged.get(owner, owner)
        for merged in planned.merged:
            del self.persons[merged]
        assert set(self.owners.values()) == set(self.persons)
        return planned

    def person(self, distinct_id: str) -> Person:
        return self.persons[self.owners[distinct_id]]

    @property
    def groups(self) -> set[frozenset[str]]:
        found: dict[UUID, set[str]] = {}
        for distinct_id, owner in self.owners.items():
            found.setdefault(owner, set()).add(distinct_id)
        return {frozenset(group) for group in found.values()}

    @property
    def view(self) -> Any:
        return {
            group: (self.person(next(iter(group))).properties, self.person(next(iter(group))).is_identified)
            for group in self.groups
        }


@pytest.fixture
def store() -> Store:
    return Store()


def test_the_first_event_makes_a_person(store):
    store.apply(operation("a"))
    assert store.groups == {frozenset("a")}
    assert not store.person("a").is_identified


def test_an_event_without_a_profile_makes_nobody(store):
    assert store.apply(operation("a", creates_person=False, sets={"x": 1})).is_empty


def test_identifying_joins_the_anonymous_person_and_the_target_wins(store):
    store.apply(operation("anon", sets={"plan": "free", "seen": 1}, at=NOW - timedelta(days=2)))
    store.apply(operation("user", sets={"plan": "pro"}))
    store.apply(identify("user", "anon", sets={"city": "Bonn"}))
    assert store.groups == {frozenset(("anon", "user"))}
    person = store.person("user")
    assert person.properties == {"plan": "pro", "seen": 1, "city": "Bonn"}
    assert person.created_at == NOW - timedelta(days=2)
    assert person.is_identified


def test_two_new_ids_become_one_person_with_the_target_first(store):
    planned = store.apply(identify("user", "anon"))
    assert list(planned.new_distinct_ids) == ["user", "anon"]
    assert store.person("anon").is_identified


def test_an_identified_person_is_not_merged_away(store):
    store.apply(operation("bob", identifies=True), operation("alice", identifies=True))
    planned = store.apply(identify("alice", "bob", sets={"x": 1}))
    assert planned.refused == [("alice", "bob")]
    assert store.groups == {frozenset(("alice",)), frozenset(("bob",))}
    assert store.person("alice").properties == {"x": 1}


def test_a_dangerous_merge_asks_nobody(store):
    store.apply(operation("bob", identifies=True), operation("alice", identifies=True))
    store.apply(identify("alice", "bob", by_force=True))
    assert store.groups == {frozenset(("alice", "bob"))}


@pytest.mark.parametrize(
    "illegal", ["anonymous", "Guest", "NULL ".strip().lower(), "0", "[object Object]", "  "]
)
def test_an_illegal_id_is_never_merged(store, illegal):
    for target, other in (("user", illegal), (illegal, "user")):
        assert store.apply(identify(target, other, by_force=True)).refused == [(target, other)]
    assert {illegal, "user"} not in store.groups


def test_a_chain_inside_one_batch_ends_in_one_person(store):
    store.apply(*(operation(name) for name in "abcd"))
    store.apply(identify("b", "a"), identify("c", "b", by_force=True), identify("d", "c", by_force=True))
    assert store.groups == {frozenset("abcd")}


def test_properties_follow_the_order_of_events(store):
    store.apply(
        operation("a", sets={"x": 1}),
        operation("a", sets_once={"x": 2, "y": 2}),
        operation("a", sets={"z": 3}, unsets=("y",)),
        operation("a", sets_once={"y": 4}),
    )
    assert store.person("a").properties == {"x": 1, "z": 3, "y": 4}


def test_true_is_not_one(store):
    store.apply(operation("a", sets={"x": 1}))
    store.apply(operation("a", sets={"x": True}))
    assert store.person("a").properties["x"] is True


def test_the_same_values_again_write_nothing(store):
    store.apply(operation("a", sets={"x": {"deep": [1]}}))
    assert store.apply(operation("a", sets={"x": {"deep": [1]}}, sets_once={"x": 2}, unsets=("no",))).is_empty


def test_properties_that_grow_too_large_are_left_out(store):
    store.apply(operation("a", sets={"big": "x" * (MAX_PROPERTIES_BYTES - 100)}))
    store.apply(operation("a", sets={"more": "x" * 200}))
    assert list(store.person("a").properties) == ["big"]
    store.apply(operation("a", unsets=("big",), sets={"more": 1}))
    assert store.person("a").properties == {"more": 1}


def test_being_seen_is_written_at_most_hourly(store):
    store.apply(operation("a"))
    assert store.apply(operation("a", at=NOW + timedelta(minutes=59))).is_empty
    store.apply(operation("a", at=NOW + timedelta(minutes=61)))
    assert store.person("a").last_seen_at == NOW + timedelta(minutes=61)


IDS = st.sampled_from("abcdef")
PROPERTIES = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3), max_size=2)
OPERATIONS = st.lists(
    st.builds(
        Operation,
        distinct_id=IDS,
        at=st.just(NOW),
        creates_person=st.booleans(),
        identifies=st.booleans(),
        merges_with=st.none() | IDS,
        by_force=st.booleans(),
        sets=PROPERTIES,
        sets_once=PROPERTIES,
        unsets=st.lists(st.sampled_from("xyz"), max_size=1).map(tuple),
    ),
    max_size=12,
)
FORCED = st.lists(st.builds(lambda a, b: identify(a, b, by_force=True), IDS, IDS), max_size=8)


@given(OPERATIONS)
def test_one_batch_and_single_requests_end_alike(operations):
    together, apart = Store(), Store()
    together.apply(*operations)
    for one in operations:
        apart.apply(one)
    assert together.view == apart.view


@given(OPERATIONS)
def test_nobody_is_in_two_groups_and_no_person_is_without_ids(operations):
    store = Store()
    store.apply(*operations)
    groups = store.groups
    assert sum(map(len, groups)) == len(set().union(*groups)) if groups else True


@given(OPERATIONS)
def test_a_repeated_batch_merges_nobody_else(operations):
    store = Store()
    store.apply(*operations)
    groups = store.groups
    planned = store.apply(*operations)
    assert store.groups == groups
    assert not planned.merged and not planned.created


@given(FORCED, st.randoms())
def test_the_order_of_forced_merges_does_not_matter_for_who_is_who(operations, random):
    shuffled = list(operations)
    random.shuffle(shuffled)
    one, other = Store(), Store()
    one.apply(*operations)
    other.apply(*shuffled)
    assert one.groups == other.groups


def steps_for_a_chain(n_properties: int, n_merges: int) -> int:
    """Return how many lines run while a person with so many properties is handed on from merge to merge."""
    person = Person(
        id=uuid4(),
        properties={f"key{number}": "x" for number in range(n_properties)},
        is_identified=False,
        created_at=NOW,
        last_seen_at=NOW,
    )
    chain = [operation("d0")]
    for number in range(1, n_merges + 1):
        chain += [
            operation(f"d{number}", sets={"last": number}),
            operation(f"d{number}", merges_with=f"d{number - 1}", by_force=True),
        ]
    steps = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        planned = plan(StoredPersons({"d0": person.id}, {person.id: person}), chain, uuid4)
    finally:
        sys.settrace(before)
    (made,) = planned.created
    assert len(made.properties) == n_properties + 1 and made.properties["last"] == n_merges
    assert len(person.properties) == n_properties  # what is stored is nobody's working copy
    return steps


def test_a_chain_of_merges_costs_its_length_and_not_what_the_first_person_has():
    few, many = steps_for_a_chain(10, 300), steps_for_a_chain(5_000, 300)
    assert many <= few + 10 * 5_000
    assert steps_for_a_chain(10, 1200) <= 4.5 * few


def test_a_join_that_would_give_a_person_too_many_distinct_ids_is_refused(store):
    ids = [f"d{number}" for number in range(MOST_DISTINCT_IDS)]
    store.apply(*(operation("d0", merges_with=one, by_force=True) for one in ids[1:]))
    assert store.groups == {frozenset(ids)}
    store.apply(operation("fresh"))
    for merge in (
        operation("d0", merges_with="one more", by_force=True),
        operation("one more", merges_with="d1", by_force=True),
        operation("fresh", merges_with="d2", by_force=True),
        operation("d3", merges_with="fresh", by_force=True),
    ):
        known = StoredPersons(
            store.owners, store.persons, {store.owners["d0"]: len(ids), store.owners["fresh"]: 1}
        )
        planned = plan(known, [merge], uuid4)
        assert planned.refused == [(merge.distinct_id, merge.merges_with)]
        assert not planned.merged and not set(planned.new_distinct_ids.values()) & set(store.persons)


def test_too_much_is_not_taken_over_whichever_of_the_two_is_larger():
    for mine, theirs in ((300, 400), (400, 300)):
        store = Store()
        store.apply(operation("a", sets={"mine": "x" * mine * 1024}))
        store.apply(operation("b", sets={"theirs": "x" * theirs * 1024}))
        store.apply(operation("a", merges_with="b", by_force=True))
        assert set(store.person("b").properties) == {"mine"}
        assert store.groups == {frozenset({"a", "b"})}
