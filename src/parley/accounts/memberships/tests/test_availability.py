"""Who is there to work on tickets."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.memberships.queries import away_members
from parley.accounts.projects.queries.projects import project_by_id

AVAILABILITY = "/api/projects/@current/conversations/availability/"


def one(member):
    return f"{AVAILABILITY}{member.user_uuid}/"


async def available(member):
    found = (await member.client.get(AVAILABILITY)).json()
    assert found["count"] == len(found["results"])
    return {entry["user"]["id"]: entry["is_available"] for entry in found["results"]}


async def test_everybody_is_there_until_they_say_otherwise(alice, bob):
    assert await available(alice) == {alice.user_id: True, bob.user_id: True}
    for _ in range(2):
        answer = await bob.client.put(f"{AVAILABILITY}@me/", json={"is_available": False})
        assert answer.status_code == 200
        assert answer.json()["is_available"] is False and answer.json()["user"]["email"] == bob.email
    assert await available(alice) == {alice.user_id: True, bob.user_id: False}
    assert (await bob.client.put(one(bob), json={"is_available": True})).status_code == 200
    assert await available(bob) == {alice.user_id: True, bob.user_id: True}


async def test_only_admins_speak_for_others(alice, bob):
    assert (await bob.client.put(one(alice), json={"is_available": False})).status_code == 403
    assert (await alice.client.put(one(bob), json={"is_available": False})).status_code == 200
    assert await available(alice) == {alice.user_id: True, bob.user_id: False}


async def test_unknown_people_and_those_of_other_organizations_are_not_found(alice, bob, mallory):
    for member in (alice, bob):
        for name in (mallory.user_uuid, uuid4(), "nobody"):
            answer = await member.client.put(f"{AVAILABILITY}{name}/", json={"is_available": False})
            assert answer.status_code == 404
    assert await available(mallory) == {mallory.user_id: True}


async def until_of(member, who):
    found = (await member.client.get(AVAILABILITY)).json()["results"]
    return next((one["is_available"], one["away_until"]) for one in found if one["user"]["id"] == who.user_id)


async def test_who_is_away_until_a_time_is_there_again_by_itself(alice, bob, clock):
    clock.freeze()
    until = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    body = {"is_available": False, "away_until": until.isoformat()}
    answer = (await bob.client.put(one(bob), json=body)).json()
    text = until.isoformat().replace("+00:00", "Z")
    assert (answer["is_available"], answer["away_until"]) == (False, text)
    assert await until_of(alice, bob) == (False, text)
    clock.advance(timedelta(days=3))
    assert await until_of(alice, bob) == (True, None)
    await bob.client.put(one(bob), json={"is_available": False})
    assert await until_of(alice, bob) == (False, None)
    await bob.client.put(one(bob), json={"is_available": True})
    assert await until_of(alice, bob) == (True, None)


async def test_nobody_stays_away_until_a_day_that_a_wrong_clock_has_set(alice, bob, clock, services, project):
    async def away() -> bool:
        of = await project_by_id(services.database, project.id)
        assert of is not None
        async with services.database.transaction(write=False) as db:
            return bob.user_id in await away_members(db, of, [bob.user_id], clock.now())

    right = clock.freeze()
    clock.freeze(right + timedelta(days=400))
    until = clock.now() + timedelta(days=1)
    await bob.client.put(one(bob), json={"is_available": False, "away_until": until.isoformat()})
    assert await away() and not (await until_of(alice, bob))[0]
    clock.freeze(right)
    assert await until_of(alice, bob) == (True, None)
    assert not await away()


@pytest.mark.parametrize(
    ("is_available", "until"),
    [
        (False, "soon"),
        (False, "2020-01-01T00:00:00Z"),
        (False, "0001-01-01T00:00:00Z"),
        (False, "9999-12-31T23:59:59Z"),
        (True, None),
    ],
)
async def test_a_time_lies_within_the_next_year_and_is_for_who_is_away(alice, clock, is_available, until):
    until = until or (clock.now() + timedelta(days=1)).isoformat()
    answer = await alice.client.put(one(alice), json={"is_available": is_available, "away_until": until})
    assert (answer.status_code, answer.json()["attr"]) == (400, "away_until")
    assert await until_of(alice, alice) == (True, None)


@pytest.mark.parametrize("body", [{}, {"is_available": None}, {"is_available": "perhaps"}])
async def test_it_is_yes_or_no(alice, body):
    answer = await alice.client.put(one(alice), json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, "is_available")


async def test_the_scope_of_tickets_is_needed(cast, alice):
    reader = await cast.make_key(alice, ["ticket:read"])
    other = await cast.make_key(alice, ["organization_member:write"])
    assert (await reader.get(AVAILABILITY)).status_code == 200
    assert (await reader.put(one(alice), json={"is_available": False})).status_code == 403
    assert (await other.get(AVAILABILITY)).status_code == 403
