"""Persons follow what is captured, also when requests come at the same time."""

import asyncio
import itertools
import random
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, select

from parley.people.persons.rules.merging import MOST_DISTINCT_IDS
from parley.people.persons.tables import person, person_distinct_id, person_tally


class Sender:
    """Sends events of one project and looks at what became of its persons."""

    def __init__(self, anonymous, project, alice, database):
        self.anonymous, self.project, self.alice, self.database = anonymous, project, alice, database

    async def send(self, *events):
        answer = await self.anonymous.post(
            "/batch/", json={"api_key": self.project.api_token, "batch": events}
        )
        assert answer.status_code == 200, answer.text

    async def person(self, distinct_id):
        answer = await self.alice.client.get(
            f"/api/projects/{self.project.id}/persons/", params={"distinct_id": distinct_id}
        )
        results = answer.json()["results"]
        return results[0] if results else None

    async def groups(self):
        async with self.database.transaction(write=False) as db:
            rows = await db.execute(
                select(person_distinct_id.c.distinct_id, person_distinct_id.c.person_id)
                .join(
                    person,
                    (person.c.project_id == person_distinct_id.c.project_id)
                    & (person.c.id == person_distinct_id.c.person_id),
                )
                .where(person_distinct_id.c.project_id == self.project.id)
            )
            found: dict[UUID, set[str]] = {}
            for distinct_id, owner in rows:
                found.setdefault(owner, set()).add(distinct_id)
            stored = await db.execute(
                select(func.count()).select_from(person).where(person.c.project_id == self.project.id)
            )
            counted = await db.execute(
                select(func.sum(person_tally.c.n_persons)).where(person_tally.c.project_id == self.project.id)
            )
            assert stored.scalar_one() == len(found) == (counted.scalar_one() or 0)
        return {frozenset(group) for group in found.values()}


@pytest.fixture
def sender(anonymous, project, alice, database):
    return Sender(anonymous, project, alice, database)


def event(distinct_id, name="x", **properties):
    return {"event": name, "distinct_id": distinct_id, "properties": properties}


def identify(distinct_id, anonymous_id, **properties):
    return event(distinct_id, "$identify", **{"$anon_distinct_id": anonymous_id}, **properties)


async def test_a_visitor_becomes_a_known_user(sender):
    await sender.send(event("anon", **{"$set_once": {"first_page": "/a"}}), event("anon"))
    await sender.send(identify("user", "anon", **{"$set": {"email": "Zoe@Example.com", "name": "Zoe"}}))
    await sender.send(event("user", **{"$set_once": {"first_page": "/b"}, "$unset": ["name"]}))
    found = await sender.person("anon")
    assert found["distinct_ids"] == ["anon", "user"]
    assert found["properties"] == {"first_page": "/a", "email": "Zoe@Example.com"}
    assert found["name"] == "Zoe@Example.com"
    assert await sender.groups() == {frozenset(("anon", "user"))}


async def test_events_without_a_profile_make_nobody(sender):
    await sender.send(event("a", **{"$process_person_profile": False, "$set": {"x": 1}}))
    assert await sender.person("a") is None
    assert await sender.groups() == set()


async def test_a_group_is_nobody(sender):
    await sender.send(event("company_1", "$groupidentify", **{"$group_type": "company", "$group_key": "1"}))
    assert await sender.person("company_1") is None


async def test_two_identified_users_stay_two(sender):
    await sender.send(event("bob", "$identify"), event("alice", "$identify"))
    await sender.send(identify("alice", "bob"), event("alice", "$create_alias", alias="bob"))
    assert await sender.groups() == {frozenset(("alice",)), frozenset(("bob",))}
    await sender.send(event("alice", "$merge_dangerously", alias="bob"))
    assert await sender.groups() == {frozenset(("alice", "bob"))}


async def test_illegal_ids_are_never_merged(sender):
    await sender.send(
        *(identify("user", illegal) for illegal in ("anonymous", "null", "[object Object]", " "))
    )
    await sender.send(event("undefined", "$merge_dangerously", alias="user"))
    assert frozenset(("user",)) in await sender.groups()


async def test_a_chain_of_merges_in_one_batch(sender):
    await sender.send(*(event(name) for name in "abcd"))
    await sender.send(*(event(b, "$merge_dangerously", alias=a) for a, b in ("ab", "bc", "cd")))
    assert await sender.groups() == {frozenset("abcd")}


async def test_no_merge_moves_more_distinct_ids_than_a_person_may_have(sender):
    names = [f"d{number}" for number in range(MOST_DISTINCT_IDS + 100)]
    await sender.send(*(event("many", "$create_alias", alias=name) for name in names))
    await sender.send(event("fresh"), event("other"))
    await sender.send(event("fresh", "$merge_dangerously", alias="many"))
    await sender.send(event("other", "$merge_dangerously", alias="d0"), identify("many", "one more"))
    groups = await sender.groups()
    assert frozenset(["many", *names[: MOST_DISTINCT_IDS - 1]]) in groups
    assert {frozenset(["fresh"]), frozenset(["other"])} <= groups
    assert (await sender.person("one more")) is None
    await sender.send(event("fresh", "$merge_dangerously", alias="other"))
    assert frozenset(["fresh", "other"]) in await sender.groups()


async def test_a_project_never_merges_with_another(sender, mallory):
    await sender.send(event("same"))
    theirs = Sender(sender.anonymous, mallory.project, mallory, sender.database)
    await theirs.send(event("same", **{"$set": {"x": 1}}), identify("user", "same"))
    assert await sender.groups() == {frozenset(("same",))}
    assert (await sender.person("same"))["properties"] == {}


async def test_the_first_events_of_a_visitor_at_the_same_time_make_one_person(sender):
    await asyncio.gather(*(sender.send(event("new", **{"$set": {f"k{n}": n}})) for n in range(12)))
    assert await sender.groups() == {frozenset(("new",))}
    assert (await sender.person("new"))["properties"] == {f"k{n}": n for n in range(12)}


async def test_changes_at_the_same_time_are_all_kept(sender):
    await sender.send(event("a"))
    await asyncio.gather(*(sender.send(event("a", **{"$set": {f"k{n}": n}})) for n in range(12)))
    assert len((await sender.person("a"))["properties"]) == 12


async def test_merges_at_the_same_time_end_in_one_person(sender):
    ids = [f"id{n}" for n in range(10)]
    await sender.send(*(event(name, **{"$set": {name: 1}}) for name in ids))
    await asyncio.gather(
        *(sender.send(event(b, "$merge_dangerously", alias=a)) for a, b in itertools.pairwise(ids)),
        *(sender.send(event(name, **{"$set": {"last": name}})) for name in ids),
    )
    assert await sender.groups() == {frozenset(ids)}
    assert set((await sender.person("id0"))["properties"]) == {*ids, "last"}


async def test_a_storm_of_everything_ends_consistent(sender):
    chance = random.Random(7)
    names = [f"n{n}" for n in range(8)]

    async def storm():
        for _ in range(6):
            events = []
            for _ in range(5):
                one, other = chance.sample(names, 2)
                events.append(
                    chance.choice(
                        [
                            event(one, **{"$set": {one: 1}}),
                            identify(one, other),
                            event(one, "$create_alias", alias=other),
                            event(one, "$merge_dangerously", alias=other),
                        ]
                    )
                )
            await sender.send(*events)

    await asyncio.gather(*(storm() for _ in range(8)))
    groups = await sender.groups()
    assert Counter(name for group in groups for name in group).most_common(1)[0][1] == 1


async def test_identifying_and_deleting_at_the_same_time(sender, alice):
    for _ in range(5):
        await sender.send(event("a"), event("b"))
        found = await sender.person("a")
        await asyncio.gather(
            sender.send(identify("b", "a")),
            alice.client.delete(f"/api/projects/{sender.project.id}/persons/{found['id']}/"),
        )
        await sender.groups()
