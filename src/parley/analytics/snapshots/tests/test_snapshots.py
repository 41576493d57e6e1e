"""The blocks of a recording through the API."""

import gzip
import json
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from parley.analytics.recordings.tables import recording_block
from parley.analytics.recordings.tests.factories import batch_of, make_recording, note
from parley.demo.recordings import believable_batches
from parley.kernel.storage.keys import object_key
from tests.limited import client_at, limited_app


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/session_recordings/"


@pytest.fixture
def start_at(clock):
    return clock.now() - timedelta(hours=1)


async def notes(services, project, start_at, *texts):
    """Store a recording with a block for each text; return its session id."""
    batches = [
        batch_of(note(text, start_at + timedelta(seconds=n)), window_id=f"w{n}")
        for n, text in enumerate(texts)
    ]
    return await make_recording(services, project, start_at=start_at, batches=batches)


def lines(answer: httpx.Response):
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.split("\n") if line]


def texts_of(answer: httpx.Response):
    return [event["data"]["payload"].get("text") for _, event in lines(answer)]


async def ask(client, path, session_id, **query):
    headers = query.pop("headers", None)
    return await client.get(f"{path}{session_id}/snapshots/", params=query, headers=headers)


async def test_the_blocks_of_a_recording_are_listed(api, services, project, path, start_at):
    session_id = await notes(services, project, start_at, "a", "b")
    sources = (await ask(api, path, session_id)).json()["sources"]
    assert [one["blob_key"] for one in sources] == ["0", "1"]
    assert {one["source"] for one in sources} == {"blob_v2"}
    begins = [datetime.fromisoformat(one["start_timestamp"]) for one in sources]
    assert begins[1] - begins[0] == timedelta(seconds=1)
    assert all(set(one) == {"source", "start_timestamp", "end_timestamp", "blob_key"} for one in sources)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_events_come_as_they_were_recorded(api, services, project, path, start_at, encoding):
    sent = list(believable_batches(start_at, 1))
    session_id = await make_recording(services, project, start_at=start_at, batches=sent)
    wanted = {"source": "blob_v2", "start_blob_key": 0, "end_blob_key": 20}
    answer = await ask(api, path, session_id, **wanted, headers={"Accept-Encoding": encoding})
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers.get("content-encoding", "identity") == encoding
    assert lines(answer) == [[batch.window_id, event] for batch in sent for event in batch.events]


async def test_one_block_or_a_range_is_sent(api, services, project, path, start_at):
    session_id = await notes(services, project, start_at, "a", "b", "c", "d")
    assert texts_of(await ask(api, path, session_id, source="blob_v2", blob_key=2)) == ["c"]
    wanted = {"source": "blob_v2", "start_blob_key": 1, "end_blob_key": 9}
    answer = await ask(api, path, session_id, **wanted)
    assert texts_of(answer) == ["b", "c", "d"]
    assert [window for window, _ in lines(answer)] == ["w1", "w2", "w3"]
    beyond = await ask(api, path, session_id, source="blob_v2", blob_key=4)
    assert (beyond.status_code, beyond.json()["detail"]) == (404, "Block not found")


async def test_a_page_may_ask_for_more_blocks_than_a_key(api, cast, alice, services, project, path, start_at):
    session_id = await notes(services, project, start_at, *map(str, range(102)))
    wanted = {"source": "blob_v2", "start_blob_key": 0, "end_blob_key": 21}
    assert (await ask(api, path, session_id, **wanted)).json()["attr"] == "end_blob_key"
    assert len(lines(await ask(api, path, session_id, **wanted | {"end_blob_key": 20}))) == 21
    page = await cast.sign_in(alice)
    assert len(lines(await ask(page, path, session_id, **wanted | {"end_blob_key": 100}))) == 101
    assert (await ask(page, path, session_id, **wanted | {"end_blob_key": 101})).status_code == 400


async def test_a_block_that_cannot_be_read_is_named_in_its_place(api, services, project, path, start_at):
    session_id = await notes(services, project, start_at, "a", "b", "c", "d")
    async with services.database.transaction(write=False) as db:
        c = recording_block.c
        found = await db.execute(select(c.object_id).where(c.session_id == session_id).order_by(c.number))
        keys = [object_key(project.id, "recording", id) for id in found.scalars()]
    await services.storage.delete([keys[0]])
    broken = bytearray(await services.storage.read(keys[1], 10_000))
    await services.storage.put(keys[2], bytes(broken[:-5]))
    broken[15] ^= 255
    await services.storage.put(keys[1], bytes(broken))
    wanted = {"source": "blob_v2", "start_blob_key": 0, "end_blob_key": 3}
    for encoding in ("gzip", "identity"):
        answer = await ask(api, path, session_id, **wanted, headers={"Accept-Encoding": encoding})
        sent = lines(answer)
        assert [event["data"]["tag"] for _, event in sent] == ["parley_block_unreadable"] * 3 + ["note"]
        assert [window for window, _ in sent] == ["", "", "", "w3"]
        assert [event["data"]["payload"] for _, event in sent[:3]] == [{"blob_key": f"{n}"} for n in range(3)]


async def test_packed_parts_of_events_are_unpacked_for_whoever_asks(api, services, project, path, start_at):
    at = round(start_at.timestamp() * 1000)
    letters = gzip.compress(json.dumps({"node": {"id": 1}}).encode()).decode("latin-1")
    adds = gzip.compress(b'[{"parentId": 1}]').decode("latin-1")
    change = {"source": 0, "adds": adds, "texts": []}
    sent = batch_of(
        {"type": 2, "data": letters, "cv": "2024-10", "timestamp": at},
        {"type": 3, "data": change, "cv": "2024-10", "timestamp": at + 1},
        note('about "cv"', start_at + timedelta(seconds=1)),
    )
    session_id = await make_recording(services, project, start_at=start_at, batches=[sent])
    wanted = {"source": "blob_v2", "blob_key": 0}
    assert [event for _, event in lines(await ask(api, path, session_id, **wanted))] == sent.events
    for encoding in ("gzip", "identity"):
        headers = {"Accept-Encoding": encoding}
        answer = await ask(api, path, session_id, **wanted, decompress="true", headers=headers)
        full, changed, plain = [event for _, event in lines(answer)]
        assert full == {"type": 2, "data": {"node": {"id": 1}}, "timestamp": at}
        assert changed["data"] == {"source": 0, "adds": [{"parentId": 1}], "texts": []}
        assert plain == sent.events[2]


async def test_what_cannot_be_read_is_refused(api, path):
    answer = await ask(api, path, "some-session", source="BLOB_V2", blob_key=0)
    assert (answer.status_code, answer.json()["attr"]) == (400, "source")


async def test_snapshots_of_others_are_not_found(api, mallory, services, project, path, start_at):
    session_id = await notes(services, mallory.project, start_at, "secret")
    for query in ({}, {"source": "blob_v2", "blob_key": 0}):
        answer = await ask(api, path, session_id, **query)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Recording not found")
    theirs = f"/api/projects/{mallory.project.id}/session_recordings/"
    assert (await ask(api, theirs, session_id)).status_code == 403


async def test_a_key_reads_snapshots_120_times_a_minute(
    cast, alice, services, settings, project, path, start_at
):
    session_id = await notes(services, project, start_at, "a")
    page = await cast.sign_in(alice)
    async with limited_app(settings, "on") as app:
        for client, passing in ((alice.client, 120), (page, 125)):
            url = f"{path}{session_id}/snapshots/"
            async with client_at(app, "192.0.2.1", **client.headers) as limited:
                limited.cookies = client.cookies
                statuses = [(await limited.get(url)).status_code for _ in range(125)]
            assert statuses == [200] * passing + [429] * (125 - passing)


async def test_what_a_recorder_sends_comes_back_as_it_was(api, anonymous, project, path, start_at):
    await api.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    [sent] = believable_batches(start_at, 0.1)
    properties = {"$session_id": "some-session", "$window_id": "w", "$snapshot_data": sent.events}
    event = {
        "event": "$snapshot",
        "distinct_id": "ada",
        "properties": {**properties, "token": project.api_token},
    }
    spread = json.dumps(event, indent=1)  # with ends of lines between its parts
    assert (await anonymous.post("/s/", content=spread)).json() == {"status": 1}
    shown = (await api.get(f"{path}some-session/")).json()
    assert (shown["distinct_id"], shown["start_url"]) == ("ada", "https://planner.example.com/boards")
    for decompress in ("true", "false"):
        wanted = {"source": "blob_v2", "start_blob_key": 0, "end_blob_key": 20, "decompress": decompress}
        assert lines(await ask(api, path, "some-session", **wanted)) == [["w", one] for one in sent.events]


async def test_only_the_headers_answer_head(api, services, project, path, start_at):
    session_id = await notes(services, project, start_at, "a")
    answer = await api.head(f"{path}{session_id}/snapshots/", params={"source": "blob_v2", "blob_key": 0})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/jsonl"
