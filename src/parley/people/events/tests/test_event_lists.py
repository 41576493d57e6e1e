"""Captured events through the API."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from parley.people.events import queries
from parley.people.persons.rules.names import LISTED_PROPERTIES_BYTES


class Reader:
    """Sends events of one project and reads them back."""

    def __init__(self, anonymous, project, member):
        self.anonymous, self.token, self.client = anonymous, project.api_token, member.client
        self.url = f"/api/projects/{project.id}/events/"

    async def send(self, *events):
        answer = await self.anonymous.post("/batch/", json={"api_key": self.token, "batch": events})
        assert answer.status_code == 200, answer.text

    async def page(self, **query):
        answer = await self.client.get(self.url, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def names(self, **query):
        return "".join(event["event"] for event in (await self.page(**query))["results"])


def event(name, distinct_id="u", minute=0, **others):
    return {
        "event": name,
        "distinct_id": distinct_id,
        "timestamp": f"2026-05-01T10:{minute:02}:00Z",
        **others,
    }


@pytest.fixture
def reader(anonymous, project, alice):
    return Reader(anonymous, project, alice)


async def test_an_event_has_the_fields_of_the_wire(reader):
    uuid = str(uuid4())
    await reader.send(event("x", uuid=uuid, properties={"a": [1, None], "$set": {"name": "Zoe"}}))
    (found,) = (await reader.page())["results"]
    person = found.pop("person")
    assert found == {
        "id": uuid,
        "event": "x",
        "distinct_id": "u",
        "properties": {"a": [1, None], "$set": {"name": "Zoe"}},
        "timestamp": "2026-05-01T10:00:00Z",
    }
    assert (person["name"], person["distinct_ids"], person["properties"]) == ("Zoe", ["u"], {"name": "Zoe"})
    assert (await reader.client.get(f"{reader.url}{uuid}/")).json() == {**found, "person": person}


async def test_an_event_of_a_visitor_without_a_profile_has_no_person(reader):
    await reader.send(event("x", properties={"$process_person_profile": False}))
    assert (await reader.page())["results"][0]["person"] is None


async def test_filters_narrow_the_list(reader):
    await reader.send(
        event("a", "u", 1),
        event("b", "v", 2),
        event("c", "u", 3),
        event("$identify", "u", 4, properties={"$anon_distinct_id": "v"}),
    )
    person_id = (await reader.page(event="a"))["results"][0]["person"]["id"]
    assert await reader.names() == "$identifycba"
    assert await reader.names(event="c") == "c"
    assert await reader.names(distinct_id="v") == "b"
    assert await reader.names(person_id=person_id) == "$identifycba"
    assert await reader.names(person_id=str(uuid4())) == ""
    assert await reader.names(after="2026-05-01T10:02:00Z") == "$identifyc"
    assert await reader.names(before="2026-05-01T10:02:00Z") == "a"
    assert await reader.names(after="2026-05-01T10:01:00Z", before="2026-05-01T12:03:00+02:00") == "b"


async def test_pages_go_on_where_the_last_one_ended(reader):
    await reader.send(*(event(name, minute=7) for name in "abcdefg"))
    everything = await reader.names()
    page, seen = await reader.page(limit=3, distinct_id="u"), ""
    await reader.send(event("z", minute=9))
    while True:
        seen += "".join(found["event"] for found in page["results"])
        if page["next"] is None:
            break
        page = (await reader.client.get(page["next"])).json()
    assert seen == everything


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"key": "plan", "value": "pro"}, "a"),
        ({"key": "plan", "value": ["pro", 7], "operator": "exact", "type": "event"}, "ab"),
        ({"key": "plan", "value": "pro", "operator": "is_not"}, "bc"),
        ({"key": "plan", "value": "PR", "operator": "icontains"}, "a"),
        ({"key": "plan", "operator": "is_not_set"}, "c"),
        ({"key": "plan", "value": "team", "type": "person"}, "b"),
        ({"key": "plan", "operator": "is_set", "type": "person"}, "ab"),
        ({"key": "plan", "operator": "is_not_set", "type": "person"}, "c"),
    ],
)
async def test_conditions_on_properties_narrow_the_list(reader, condition, found):
    await reader.send(
        event("c", "nobody", properties={"$process_person_profile": False}),
        event("b", "v", 1, properties={"plan": 7, "$set": {"plan": "team"}}),
        event("a", "u", 2, properties={"plan": "pro", "$set": {"plan": "free"}}),
    )
    assert await reader.names(properties=json.dumps([condition])) == found
    both = [condition, {"key": "plan", "operator": "is_set"}]
    assert await reader.names(properties=json.dumps(both)) == found.replace("c", "")


@pytest.mark.parametrize("order", ['["timestamp"]', "-timestamp"])
@pytest.mark.parametrize("limit", [1, 100])
async def test_pages_with_conditions_look_through_few_events_and_leave_none_out(
    reader, monkeypatch, order, limit
):
    monkeypatch.setattr(queries, "MOST_LOOKED_THROUGH", 3)
    await reader.send(
        *(
            event(name, minute=minute, properties={"a": name in "bgh"})
            for minute, name in enumerate("abcdefghi")
        )
    )
    conditions = json.dumps([{"key": "a", "value": True}])
    page, pages = await reader.page(properties=conditions, orderBy=order, limit=limit), []
    while True:
        pages.append("".join(one["event"] for one in page["results"]))
        if page["next"] is None:
            break
        page = (await reader.client.get(page["next"])).json()
    assert "".join(pages) == ("bgh" if order == '["timestamp"]' else "hgb")
    if limit == 100:
        assert pages[:3] == (["b", "", "gh"] if order == '["timestamp"]' else ["hg", "", "b"])


async def test_the_oldest_come_first_where_that_is_asked_for(reader):
    await reader.send(*(event(name, minute=minute) for minute, name in enumerate("abc")))
    assert await reader.names(orderBy='["timestamp"]') == await reader.names(orderBy="timestamp") == "abc"
    assert await reader.names(orderBy='["-timestamp"]') == "cba"


async def test_a_page_of_large_events_has_fewer_and_none_is_left_out(reader, monkeypatch):
    monkeypatch.setattr(queries, "MOST_OF_PAGE", 10_000)
    sizes = {"a": 20_000, "b": 4000, "c": 4000, "d": 4000, "e": 20_000, "f": 1}
    for minute, (name, size) in enumerate(sizes.items()):
        await reader.send(event(name, minute=minute, properties={"x": "x" * size}))
    found, url = list[str](), reader.url
    while url:
        page = (await reader.client.get(url)).json()
        found.append("".join(one["event"] for one in page["results"]))
        url = page["next"]
    assert found == ["f", "e", "dc", "b", "a"]


async def test_an_event_shows_little_of_a_large_person(reader):
    large = {"name": "Ada", "x": "x" * LISTED_PROPERTIES_BYTES}
    await reader.send(event("a", properties={"$set": large}), *(event("b") for _ in range(3)))
    for found in (await reader.page())["results"]:
        assert (found["person"]["name"], found["person"]["properties"]) == ("Ada", {"name": "Ada"})


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"after": "soon"}, "after"),
        ({"before": "2026-13-01"}, "before"),
        ({"person_id": "7"}, "person_id"),
        ({"orderBy": '["event"]'}, "orderBy"),
        ({"properties": "{}"}, "properties"),
        ({"properties": '[{"key": "a\\"b", "value": 1}]'}, "properties"),
        ({"properties": '[{"key": "a", "operator": "regex", "value": 1}]'}, "properties"),
        ({"properties": '[{"key": "a", "value": 1, "type": "cohort"}]'}, "properties"),
        ({"properties": json.dumps([{"key": "a", "value": [1] * 101}])}, "properties"),
        ({"properties": json.dumps([{"key": "a", "value": 1}] * 21)}, "properties"),
    ],
)
async def test_a_bad_filter_is_named(reader, query, attr):
    answer = await reader.client.get(reader.url, params=query)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)


@pytest.mark.parametrize(
    "query", [{"limit": "x"}, {"after_mark": "nonsense"}, {"after_mark": "WzEsMl0"}, {"event": "x\x00"}]
)
async def test_what_cannot_be_read_takes_its_default(reader, query):
    await reader.send(event("x"))
    assert await reader.names(**query) == "x"


async def test_a_missing_event_is_not_found(reader):
    for reference in (uuid4(), "x", "0"):
        assert (await reader.client.get(f"{reader.url}{reference}/")).status_code == 404


async def test_the_scope_is_needed(reader, alice, cast):
    client = await cast.make_key(alice, ["person:write"])
    answer = await client.get(reader.url)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "API key missing required scope 'event:read'",
    )


async def test_events_of_another_project_are_as_good_as_missing(reader, mallory, anonymous):
    uuid = str(uuid4())
    await reader.send(event("x", uuid=uuid))
    person_id = (await reader.page())["results"][0]["person"]["id"]
    theirs = Reader(anonymous, mallory.project, mallory)
    assert await theirs.names() == await theirs.names(person_id=person_id) == ""
    assert await theirs.names(properties='[{"key": "a", "operator": "is_not_set"}]') == ""
    assert (await mallory.client.get(f"{theirs.url}{uuid}/")).status_code == 404
    assert (await mallory.client.get(reader.url)).status_code == 403


async def test_times_before_the_epoch_are_listed(reader):
    await reader.send({"event": "x", "distinct_id": "u", "timestamp": "1950-01-01T00:00:00Z"})
    (found,) = (await reader.page())["results"]
    assert datetime.fromisoformat(found["timestamp"]) == datetime(1950, 1, 1, tzinfo=UTC)
