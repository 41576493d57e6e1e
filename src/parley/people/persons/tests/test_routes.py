"""Persons through the API."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from parley.people.persons.rules.drafts import MAX_PROPERTIES_BYTES


class People:
    """Sends properties of a project's persons, and asks for them as a member."""

    def __init__(self, anonymous, project, member):
        self.anonymous, self.token, self.client = anonymous, project.api_token, member.client
        self.url = f"/api/projects/{project.id}/persons/"

    async def make(self, distinct_id, **properties):
        event = {
            "event": "x",
            "distinct_id": distinct_id,
            "properties": {"$set": properties},
            "token": self.token,
        }
        answer = await self.anonymous.post("/e/", json=event)
        assert answer.status_code == 200, answer.text
        return (await self.client.get(f"{self.url}{distinct_id}/")).json()

    async def page(self, **query):
        answer = await self.client.get(self.url, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, **query):
        return [person["distinct_ids"][0] for person in (await self.page(**query))["results"]]


@pytest.fixture
def people(anonymous, project, alice):
    return People(anonymous, project, alice)


async def test_a_person_has_the_fields_of_the_wire(people):
    person = await people.make("a", email="Zoe@Example.com", name="Zoe")
    assert list(person) == ["id", "uuid", "name", "distinct_ids", "properties", "created_at", "last_seen_at"]
    assert person["id"] == person["uuid"] and UUID(person["id"]).version == 7
    assert person["name"] == "Zoe@Example.com"
    assert person["distinct_ids"] == ["a"]
    assert person["created_at"].endswith("Z") and person["last_seen_at"].endswith("Z")


async def test_a_person_is_found_by_uuid_and_by_distinct_id(people):
    person = await people.make("some one")
    assert (await people.client.get(f"{people.url}{person['id']}/")).json() == person
    assert (await people.client.get(f"{people.url}some%20one/")).json() == person
    for unknown in (uuid4(), "nobody", "0"):
        assert (await people.client.get(f"{people.url}{unknown}/")).status_code == 404


async def test_the_list_is_newest_first_and_its_count_exact(people):
    for name in "abc":
        await people.make(name)
    assert await people.found() == ["c", "b", "a"]
    page = await people.page(limit=2)
    assert (page["count"], page["previous"], len(page["results"])) == (3, None, 2)
    rest = (await people.client.get(page["next"])).json()
    assert ([p["distinct_ids"] for p in rest["results"]], rest["next"]) == ([["a"]], None)
    assert await people.found(limit=1, offset=1) == ["b"]
    assert await people.found(limit=1, offset=1, after_mark="nonsense") == ["b"]
    assert (await people.page(offset=9))["count"] == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"distinct_id": "a"}, ["a"]),
        ({"distinct_id": "A"}, []),
        ({"email": "zoe@example.com"}, ["a"]),
        ({"email": " ZOE@example.com "}, ["a"]),
        ({"email": "zoe@"}, []),
        ({"search": "zoe@"}, ["a"]),
        ({"search": "ZOË"}, ["b"]),
        ({"search": "b"}, ["b"]),
        ({"search": "z"}, ["b", "a"]),
        ({"search": "q"}, []),
        ({"search": "%"}, []),
        ({"search": "z", "email": "zoe@example.com"}, ["a"]),
        ({"search": ""}, ["b", "a"]),
        ({"search": "a\x00"}, ["a"]),
    ],
)
async def test_filters_narrow_the_list_and_its_count(people, query, found):
    await people.make("a", email="Zoe@Example.com")
    await people.make("b", name="Zoë Quinn")
    assert await people.found(**query) == found
    assert (await people.page(**query))["count"] == len(found)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"key": "plan", "value": "pro"}, "a"),
        ({"key": "plan", "value": ["pro", "free"], "operator": "exact", "type": "person"}, "ba"),
        ({"key": "plan", "value": "pro", "operator": "is_not"}, "cb"),
        ({"key": "plan", "value": "R", "operator": "icontains"}, "ba"),
        ({"key": "plan", "value": "%", "operator": "icontains"}, ""),
        ({"key": "plan", "value": "ee", "operator": "not_icontains"}, "ca"),
        ({"key": "plan", "operator": "is_set"}, "ba"),
        ({"key": "plan", "operator": "is_not_set"}, "c"),
        ({"key": "paid", "value": True}, "a"),
        ({"key": "paid", "value": "true"}, "a"),
        ({"key": "age", "value": 7}, "b"),
        ({"key": "age", "value": "7"}, "b"),
        ({"key": "a.b'c", "value": "x"}, "c"),
        ({"key": "$.plan", "value": "pro"}, ""),
    ],
)
async def test_properties_narrow_the_list(people, condition, found):
    await people.make("a", plan="pro", paid=True)
    await people.make("b", plan="free", age=7)
    await people.make("c", **{"a.b'c": "x"})
    assert await people.found(properties=json.dumps([condition])) == list(found)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        "7",
        '["a"]',
        '[{"value": 1}]',
        '[{"key": ""}]',
        r'[{"key": "a\"b"}]',
        r'[{"key": "a\\b"}]',
        '[{"key": "a", "operator": "near"}]',
        '[{"key": "a", "type": "cohort"}]',
        json.dumps([{"key": "a"}] * 21),
        "[" * 10_000,
    ],
)
async def test_a_bad_filter_is_named(people, text):
    answer = await people.client.get(people.url, params={"properties": text})
    assert (answer.status_code, answer.json()["attr"]) == (400, "properties")


async def test_properties_can_be_set_and_taken_away(people):
    person = await people.make("a", plan="free", city="Bonn")
    url = f"{people.url}{person['id']}/"
    changed = await people.client.patch(url, json={"properties": {"plan": "pro", "email": "New@Example.com"}})
    assert changed.status_code == 200
    assert changed.json()["properties"] == {"plan": "pro", "city": "Bonn", "email": "New@Example.com"}
    assert await people.found(email="new@example.com") == ["a"]
    one = await people.client.post(f"{url}update_property/", json={"key": "plan", "value": None})
    assert one.json()["properties"]["plan"] is None
    for body in ({"$unset": "plan"}, {"key": "city"}, {"$unset": "unknown"}):
        left = await people.client.post(f"{url}delete_property", json=body)
        assert left.status_code == 200
    assert left.json()["properties"] == {"email": "New@Example.com"}
    assert left.json()["last_seen_at"] == person["last_seen_at"]


@pytest.mark.parametrize("field", ["$unset", "key"])
async def test_a_property_without_a_name_can_be_taken_away(people, field):
    person = await people.make("a", **{"": 1, "plan": "free"})
    left = await people.client.post(f"{people.url}{person['id']}/delete_property/", json={field: ""})
    assert (left.status_code, left.json()["properties"]) == (200, {"plan": "free"})


@pytest.mark.parametrize(
    ("path", "body", "attr", "code"),
    [
        ("update_property", {}, "key", "required"),
        ("update_property", {"key": ""}, "key", "blank"),
        ("update_property", {"key": "a"}, "value", "required"),
        ("update_property", {"key": "a" * 401, "value": 1}, "key", "max_length"),
        ("delete_property", {}, "$unset", "required"),
        ("delete_property", {"$unset": 7, "key": []}, "key", "invalid_input"),
    ],
)
async def test_bad_bodies_are_named(people, path, body, attr, code):
    person = await people.make("a")
    answer = await people.client.post(f"{people.url}{person['id']}/{path}/", json=body)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)


async def test_properties_may_not_grow_without_end(people):
    person = await people.make("a")
    url = f"{people.url}{person['id']}/"
    answer = await people.client.patch(url, json={"properties": {"a": "x" * MAX_PROPERTIES_BYTES}})
    assert (answer.status_code, answer.json()["attr"]) == (400, "properties")
    assert (await people.client.get(url)).json()["properties"] == {}


async def test_lists_show_what_names_somebody_of_large_properties_and_the_person_shows_all(people):
    large = {"name": "Ada", "email": 5, "numbers": [1.5] * 5000, "username": "x" * 1000}
    whole = await people.make("large", **large)
    await people.make("small", name="Bob", numbers=[1.5])
    small, shown = (await people.page())["results"]
    assert whole["properties"] == large
    assert shown == {**whole, "name": "Ada", "properties": {"name": "Ada", "username": "x" * 500}}
    assert small["properties"] == {"name": "Bob", "numbers": [1.5]}


async def test_a_deleted_person_is_gone_and_may_come_back_as_somebody_new(people):
    person = await people.make("a", plan="pro")
    url = f"{people.url}{person['id']}/"
    assert (await people.client.delete(url)).status_code == 204
    assert (await people.client.get(url)).status_code == 404
    assert (await people.client.delete(url)).status_code == 404
    assert (await people.page())["count"] == 0
    again = await people.make("a")
    assert (again["id"] != person["id"], again["properties"]) == (True, {})


async def test_events_stay_unless_they_are_to_go_too(people, queue, clock):
    events_url = people.url.replace("/persons/", "/events/")

    async def n_events():
        return len((await people.client.get(events_url)).json()["results"])

    await people.make("a")
    await people.make("b")
    assert (await people.client.delete(f"{people.url}a/")).status_code == 204
    await queue.drain()
    assert await n_events() == 2
    assert (await people.client.delete(f"{people.url}b/?delete_events=true")).status_code == 204
    clock.advance(timedelta(seconds=1))
    await people.make("b")
    await queue.drain()
    assert await n_events() == 2


async def test_scopes_are_needed(people, alice, cast):
    person = await people.make("a")
    urls = {"person:read": ("get", ""), "person:write": ("patch", f"{person['id']}/")}
    client = await cast.make_key(alice, ["event:read"])
    for scope, (method, path) in urls.items():
        answer = await getattr(client, method)(people.url + path)
        assert answer.status_code == 403
        assert answer.json()["detail"] == f"API key missing required scope '{scope}'"


async def test_persons_of_another_project_are_as_good_as_missing(people, mallory, anonymous):
    person = await people.make("a", email="a@example.com")
    theirs = People(anonymous, mallory.project, mallory)
    for reference in (person["id"], "a"):
        url = f"{theirs.url}{reference}/"
        answers = [
            await mallory.client.get(url),
            await mallory.client.patch(url, json={"properties": {"x": 1}}),
            await mallory.client.post(f"{url}update_property/", json={"key": "x", "value": 1}),
            await mallory.client.delete(url),
        ]
        assert {answer.status_code for answer in answers} == {404}
    for query in ({"email": "a@example.com"}, {"distinct_id": "a"}, {"search": "a"}, {}):
        assert (await theirs.page(**query))["count"] == 0
    assert (await mallory.client.get(people.url)).status_code == 403
    assert await people.found() == ["a"]
