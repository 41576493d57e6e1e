"""Customer journeys through the API."""

import asyncio

import pytest
from sqlalchemy import delete

from parley.analytics.insights.tables import insight

JOURNEYS = "/api/projects/@current/customer_journeys/"


async def new_insight(member):
    answer = await member.client.post("/api/projects/@current/insights/", json={"name": "Funnel"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def new_journey(member, **body):
    body = {"insight": await new_insight(member), "name": "To the first order", **body}
    answer = await member.client.post(JOURNEYS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def one(journey):
    return f"{JOURNEYS}{journey['id']}/"


async def history(member, journey):
    asked = {"scope": "CustomerJourney", "item_id": journey["id"]}
    return (await member.client.get("/api/projects/@current/activity_log/", params=asked)).json()["results"]


async def test_a_journey_has_the_fields_of_the_wire_format_under_both_prefixes(alice):
    number = await new_insight(alice)
    url = f"/api/environments/{alice.project_id}/customer_journeys/"
    made = (await alice.client.post(url, json={"insight": number, "name": " Buying "})).json()
    assert set(made) == {"id", "insight", "name", "description", "created_at", "created_by", "updated_at"}
    assert (made["insight"], made["name"], made["description"]) == (number, "Buying", None)
    assert made["created_by"] == alice.user_id and made["created_at"] == made["updated_at"]
    assert (await alice.client.get(one(made))).json() == made
    page = (await alice.client.get(url)).json()
    assert (page["count"], page["next"], page["previous"], page["results"]) == (1, None, None, [made])


async def test_journeys_are_listed_in_the_order_in_which_they_were_made(alice):
    made = [await new_journey(alice, name=name) for name in "cab"]
    first = (await alice.client.get(JOURNEYS, params={"limit": 2})).json()
    assert (first["count"], first["results"]) == (3, made[:2])
    assert (await alice.client.get(first["next"])).json()["results"] == made[2:]


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "insight", "required"),
        ({"insight": 1}, "name", "required"),
        ({"insight": 1, "name": "A"}, "insight", "does_not_exist"),
        ({"insight": 2**40, "name": "A"}, "insight", "does_not_exist"),
        ({"insight": 0, "name": "A"}, "insight", "does_not_exist"),
        ({"insight": "x", "name": "A"}, "insight", "invalid_input"),
        ({"insight": None, "name": "A"}, "insight", "null"),
        ({"insight": 1, "name": "x" * 401}, "name", "max_length"),
        ({"insight": 1, "name": " "}, "name", "blank"),
    ],
)
async def test_a_journey_with_a_bad_field_is_refused(alice, body, attr, code):
    answer = await alice.client.post(JOURNEYS, json=body)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    made = await new_journey(alice)
    answer = await alice.client.put(one(made), json=body)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    assert (await alice.client.get(one(made))).json() == made


async def test_an_insight_has_one_journey_whoever_asks_for_it(alice):
    first, second = await new_journey(alice), await new_journey(alice)
    body = {"insight": first["insight"], "name": "Again"}
    for answer in (
        await alice.client.post(JOURNEYS, json=body),
        await alice.client.patch(one(second), json=body),
        await alice.client.put(one(second), json=body),
    ):
        assert answer.status_code == 409
        assert answer.json() == {
            "type": "server_error",
            "code": "conflict",
            "detail": "A customer journey already exists for this insight.",
            "attr": None,
        }
    assert (await alice.client.get(one(second))).json() == second
    assert (await alice.client.patch(one(first), json=body)).json()["name"] == "Again"


async def test_two_at_once_make_one_journey(alice):
    body = {"insight": await new_insight(alice), "name": "Once"}
    answers = await asyncio.gather(*(alice.client.post(JOURNEYS, json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_changes_are_logged_once_and_what_is_no_change_is_not(alice, bob):
    made = await new_journey(alice)
    changed = (await bob.client.patch(one(made), json={"name": "New", "description": "Why"})).json()
    assert (changed["name"], changed["description"], changed["created_by"]) == ("New", "Why", alice.user_id)
    again = {"insight": made["insight"], "name": "New"}
    assert (await bob.client.put(one(made), json=again)).json() == changed
    assert (await bob.client.delete(one(made))).status_code == 204
    assert (await bob.client.get(one(made))).status_code == 404
    entries = await history(alice, made)
    assert [entry["activity"] for entry in entries] == ["deleted", "updated", "created"]
    assert {change["field"]: change["after"] for change in entries[1]["detail"]["changes"]} == {
        "name": "New",
        "description": "Why",
    }


async def test_a_journey_goes_with_its_insight_and_not_the_other_way_round(alice, database):
    made, kept = await new_journey(alice), await new_journey(alice)
    url = f"/api/projects/@current/insights/{made['insight']}/"
    await alice.client.patch(url, json={"deleted": True})
    assert (await alice.client.get(one(made))).status_code == 200
    async with database.transaction() as db:
        await db.execute(delete(insight).where(insight.c.id == made["insight"]))
    assert (await alice.client.get(one(made))).status_code == 404
    await alice.client.delete(one(kept))
    assert (await alice.client.get(f"/api/projects/@current/insights/{kept['insight']}/")).status_code == 200


async def test_a_journey_of_another_team_is_not_there_and_neither_is_its_insight(alice, mallory, anonymous):
    theirs = await new_journey(alice)
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        body = {"name": "Mine", "insight": await new_insight(mallory)}
        answer = await mallory.client.request(method, one(theirs), json=body)
        assert answer.status_code == 404, method
        assert (await alice.client.request(method, f"{JOURNEYS}x/", json=body)).status_code == 404
        url = f"/api/projects/{alice.project_id}/customer_journeys/x/"
        assert (await anonymous.request(method, url, json=body)).status_code == 401
    answer = await mallory.client.post(JOURNEYS, json={"name": "Mine", "insight": theirs["insight"]})
    assert (answer.status_code, answer.json()["attr"]) == (400, "insight")
    assert answer.json()["detail"] == "The insight does not belong to this team."
