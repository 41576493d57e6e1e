"""Lists of recordings: filters, orders and pages."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest

from parley.analytics.recordings.tests.factories import batch_of, make_recording, note


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/session_recordings/"


@pytest.fixture
def start_at(clock):
    return clock.now() - timedelta(days=5)


async def make(services, project, session_id, start_at, *, seconds=10, distinct_id="visitor"):
    sent = batch_of(note("begun", start_at), note("over", start_at + timedelta(seconds=seconds)))
    return await make_recording(
        services, project, session_id=session_id, distinct_id=distinct_id, batches=[sent]
    )


@pytest.fixture
async def three(services, project, start_at):
    """Recordings a, b and c: each began a day after the one before, and they last 30, 10 and 20 seconds."""
    for n, (name, seconds) in enumerate((("a", 30), ("b", 10), ("c", 20))):
        at = start_at + timedelta(days=n)
        await make(services, project, name, at, seconds=seconds, distinct_id=f"of-{name}")


async def ids(client, path, **query):
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return "".join(one["id"] for one in answer.json()["results"])


async def test_the_newest_come_first(api, path, three):
    answer = (await api.get(path)).json()
    assert set(answer) == {"results", "has_next", "next_cursor", "version"}
    assert (answer["has_next"], answer["next_cursor"], answer["version"]) == (False, None, 4)
    assert await ids(api, path) == "cba"


LISTS = (
    ({"order": "start_time"}, "cba"),
    ({"order": "-start_time"}, "cba"),
    ({"order": "start_time", "order_direction": "ASC"}, "abc"),
    ({"order": "duration"}, "acb"),
    ({"order": "duration", "order_direction": "asc"}, "bca"),
    ({"order": "click_count"}, "cba"),
    ({"order": "inactive_seconds"}, "acb"),
    ({"date_from": "-97h"}, "cb"),
    ({"date_from": "-100h", "date_to": "-80h"}, "b"),
    ({"date_from": "all", "date_to": ""}, "cba"),
    ({"date_to": "2000-01-01"}, ""),
    ({"duration_min": "10.5"}, "ca"),
    ({"duration_min": "10", "duration_max": "20"}, "cb"),
    ({"distinct_id": "of-a"}, "a"),
    ({"distinct_ids": json.dumps(["of-a", "of-c", "of-nobody"])}, "ca"),
    ({"session_ids": json.dumps(["b", "a", "x"])}, "ba"),
    ({"session_ids": "[]"}, ""),
    ({"limit": "garbage", "offset": "-1"}, "cba"),
    ({"limit": "2"}, "cb"),
    ({"limit": "2", "offset": "2"}, "a"),
    ({"offset": "7"}, ""),
)


async def test_a_list_has_what_is_asked_for(api, path, three):
    for query, found in LISTS:
        assert await ids(api, path, **query) == found, query


async def test_what_cannot_be_read_is_refused(api, path):
    answer = await api.get(path, params={"date_form": "-7d"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "date_form")


async def test_odd_texts_find_nothing(api, path, three):
    for text in ("\x00", "%00", "'; DROP TABLE recording; --", "\ud7ff\uffff"):
        assert await ids(api, path, distinct_id=text) == ""
        assert await ids(api, path, session_ids=json.dumps([text])) == ""
    assert await ids(api, path, session_ids='["\\u0000"]') == ""


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_follow_each_other_by_a_cursor(api, services, project, path, start_at, direction):
    for n in range(7):
        await make(services, project, str(n), start_at)  # all at the same instant
    seen, query = "", {"limit": "3", "order_direction": direction}
    while True:
        page = (await api.get(path, params=query)).json()
        seen += "".join(one["id"] for one in page["results"])
        if not page["has_next"]:
            break
        query["after"] = page["next_cursor"]
    assert seen == ("0123456" if direction == "ASC" else "6543210")
    answer = await api.get(path, params={**query, "order": "duration"})
    assert answer.json()["attr"] == "after"


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (["2026-01-01T00:00:00Z", "a\0b"], 200),
        (["0001-01-01T00:00:00+14:00", "a"], 400),
        (["9999-12-31T23:59:59-14:00", "a"], 400),
    ],
)
async def test_a_made_up_cursor_breaks_nothing(api, path, place, status):
    after = urlsafe_b64encode(json.dumps(place).encode()).decode()
    assert (await api.get(path, params={"after": after})).status_code == status


async def test_a_person_has_the_recordings_of_all_their_distinct_ids(api, services, project, path, start_at):
    event = {"api_key": project.api_token, "event": "$identify", "distinct_id": "ada"}
    properties = {"$anon_distinct_id": "anonymous-1", "$set": {"email": "ada@example.com"}}
    await api.post("/capture", json={**event, "properties": properties})
    await make(services, project, "a", start_at, distinct_id="anonymous-1")
    await make(services, project, "b", start_at + timedelta(hours=1), distinct_id="ada")
    await make(services, project, "c", start_at, distinct_id="somebody")
    [person] = (await api.get(f"/api/projects/{project.id}/persons/")).json()["results"]
    for name in ("person_uuid", "person_id"):
        assert await ids(api, path, **{name: person["id"]}) == "ba"
    shown = (await api.get(path)).json()["results"]
    assert [one["person"] and one["person"]["name"] for one in shown] == [
        "ada@example.com",
        None,
        "ada@example.com",
    ]


async def test_others_see_nothing_of_a_project(mallory, path, three):
    assert (await mallory.client.get(path)).status_code == 403
    theirs = f"/api/projects/{mallory.project.id}/session_recordings/"
    assert await ids(mallory.client, theirs, session_ids='["a"]') == ""
