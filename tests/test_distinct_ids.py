"""A distinct id is the same text wherever it is sent, stored and looked up."""

from typing import Any

import httpx
import pytest

from parley.conversations.widget.tests.visitor import Browser
from parley.people.persons.rules.distinct_ids import MAX_LENGTH
from tests.cast import TestProject

KNOWN = [
    "x" * MAX_LENGTH,
    "ж" * 201,
    "🌻" * 399,
    f"{'prefix ' * 40}one",
    " blank outside ",
    "with\u00a0space",
    "e\u0301 is not é",
    "İ" * 250,
]
LONG = [f"{'x' * MAX_LENGTH}{end}" for end in "ab"]


async def capture(client: httpx.AsyncClient, project: TestProject, distinct_id: str, **more: object) -> None:
    body = {"token": project.api_token, "event": "seen", "distinct_id": distinct_id, **more}
    assert (await client.post("/e/", json=body)).status_code == 200


async def found(
    api: httpx.AsyncClient, project: TestProject, path: str, **query: str
) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/projects/{project.id}/{path}/", params=query)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


@pytest.mark.parametrize("distinct_id", KNOWN)
async def test_what_is_captured_is_found_by_every_route(anonymous, api, project, distinct_id):
    await capture(anonymous, project, distinct_id)
    (event,) = await found(api, project, "events", distinct_id=distinct_id)
    assert event["distinct_id"] == distinct_id
    (person,) = await found(api, project, "persons", distinct_id=distinct_id)
    assert person["distinct_ids"] == [distinct_id]
    assert [one["id"] for one in await found(api, project, "persons", search=distinct_id)] == [person["id"]]
    for browser in (Browser(anonymous, project), Browser(anonymous, project, identity=distinct_id)):
        ticket_id = await browser.opened(distinct_id=distinct_id)
        ticket = (await api.get(f"/api/projects/{project.id}/conversations/tickets/{ticket_id}/")).json()
        assert (ticket["distinct_id"], ticket["person"]["id"]) == (distinct_id, person["id"])
    assert ticket["identity_verified"] is True
    exported = await api.get(
        f"/api/projects/{project.id}/personal_data/",
        params={"distinct_id": distinct_id, "confirm_linked": "true"},
    )
    assert exported.status_code == 200, exported.text


@pytest.mark.parametrize("distinct_id", KNOWN)
async def test_what_the_team_names_is_the_captured_person(anonymous, api, project, distinct_id):
    await capture(anonymous, project, distinct_id)
    (person,) = await found(api, project, "persons", distinct_id=distinct_id)
    tickets = f"/api/projects/{project.id}/conversations/tickets/"
    made = await api.post(tickets, json={"distinct_id": distinct_id, "message": "Hello"})
    assert made.status_code == 201, made.text
    assert made.json()["person"]["id"] == person["id"]
    other = (await api.post(tickets, json={"distinct_id": "other", "message": "Hello"})).json()
    added = await api.post(f"{tickets}{other['id']}/participants/", json={"distinct_id": distinct_id})
    assert (added.json()["distinct_id"], added.json()["person"]) == (distinct_id, person["id"])


async def test_two_ids_that_are_too_long_stay_two_persons(anonymous, api, project):
    for distinct_id in LONG:
        await capture(anonymous, project, distinct_id)
        await capture(
            anonymous, project, distinct_id, properties={"$set": {"email": f"{distinct_id[-1]}@x.example"}}
        )
    persons = await found(api, project, "persons")
    assert sorted(one["properties"]["email"] for one in persons) == ["a@x.example", "b@x.example"]
    for person in persons:
        (distinct_id,) = person["distinct_ids"]
        assert len(await found(api, project, "events", distinct_id=distinct_id)) == 2


async def test_an_alias_that_is_too_long_joins_the_person_that_it_names(anonymous, api, project):
    await capture(anonymous, project, LONG[0])
    for name, key in (("$create_alias", "alias"), ("$identify", "$anon_distinct_id")):
        event = {"event": name, "properties": {key: LONG[0]}}
        await capture(anonymous, project, "ada", **event)
    (person,) = await found(api, project, "persons")
    assert len(person["distinct_ids"]) == 2


@pytest.mark.parametrize(
    ("path", "name"),
    [("events/", "distinct_id"), ("persons/", "distinct_id"), ("personal_data/", "distinct_id")],
)
async def test_one_that_is_too_long_is_refused_where_an_answer_is_read(anonymous, api, project, path, name):
    await capture(anonymous, project, LONG[0])
    url = f"/api/projects/{project.id}/{path}"
    methods = ("GET", "DELETE") if path == "personal_data/" else ("GET",)
    for method in methods:
        answer = await api.request(method, url, params={name: LONG[0]})
        assert (answer.status_code, answer.json()["attr"]) == (400, name)


async def test_the_widget_and_the_team_refuse_one_that_is_too_long(anonymous, api, project):
    assert (await Browser(anonymous, project).send(distinct_id=LONG[0])).status_code == 400
    assert (await Browser(anonymous, project, identity=LONG[0]).send()).status_code == 400
    tickets = f"/api/projects/{project.id}/conversations/tickets/"
    answer = await api.post(tickets, json={"distinct_id": LONG[0], "message": "Hello"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "distinct_id")


async def test_the_name_of_an_event_is_found_as_it_was_sent(anonymous, api, project):
    await capture(anonymous, project, "ada", event="n" * 300)
    assert len(await found(api, project, "events", event="n" * 300)) == 1
