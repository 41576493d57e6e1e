"""What SDKs send, over HTTP and into the database."""

import gzip
import json
import threading
from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from parley.kernel.config.settings import Settings
from parley.kernel.text import json_text
from parley.main import create_app
from parley.people.events import bodies
from parley.people.events.rules import decoding

EVENT = {"event": "x", "distinct_id": "a"}
ROUTES = ["/batch", "/capture", "/track", "/e", "/i/v0/e"]


async def events_of(member, **query):
    answer = await member.client.get(f"/api/projects/{member.project_id}/events/", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


@pytest.mark.parametrize("route", [*ROUTES, *(f"{route}/" for route in ROUTES)])
async def test_every_route_takes_events_with_and_without_a_slash(anonymous, alice, project, route):
    answer = await anonymous.post(route, json={**EVENT, "api_key": project.api_token})
    assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert answer.headers["access-control-allow-origin"] == "*"
    (event,) = await events_of(alice)
    assert (event["event"], event["distinct_id"], event["properties"]) == ("x", "a", {})


@pytest.mark.parametrize("route", ["/engage", "/engage/"])
async def test_engage_changes_a_person(anonymous, alice, project, route):
    body = {"token": project.api_token, "$distinct_id": "a", "$set": {"email": "A@b.c"}}
    assert (await anonymous.post(route, json=[body])).status_code == 200
    (event,) = await events_of(alice)
    assert event["person"]["properties"] == {"email": "A@b.c"}
    assert event["person"]["is_identified"] is True


async def test_a_beacon_gets_no_body(anonymous, project):
    answer = await anonymous.post("/e/?beacon=1", json={**EVENT, "token": project.api_token})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_gzip_body_without_any_header_is_recognised(anonymous, alice, project):
    body = gzip.compress(
        json.dumps([{"event": "x", "properties": {"token": project.api_token, "distinct_id": 7}}]).encode()
    )
    answer = await anonymous.post(f"/i/v0/e/?ip=0&_={1}&ver=1.449.2", content=body)
    assert answer.status_code == 200
    assert (await events_of(alice))[0]["distinct_id"] == "7"


async def test_a_tracking_pixel_may_ask_with_get(anonymous, alice, project):
    data = json.dumps({**EVENT, "token": project.api_token})
    assert (await anonymous.get("/e/", params={"data": data})).status_code == 200
    assert len(await events_of(alice)) == 1


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "request holds no event"),
        (
            b"{",
            400,
            "failed to parse request: Expecting property name enclosed in double quotes at character 1",
        ),
        (b"\x1f\x8bnonsense", 400, "failed to decode request: invalid GZIP data"),
        (b'{"event":"x","distinct_id":"a"}', 401, "event submitted without an api_key"),
        (b'{"event":"x","distinct_id":"a","api_key":"phx_"}', 401, "API key is not valid: personal_api_key"),
        (b'{"event":"","distinct_id":"a","api_key":"t"}', 400, "event submitted with an empty event name"),
    ],
)
async def test_errors_are_plain_text(anonymous, body, status, text):
    answer = await anonymous.post("/e/", content=body)
    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_body_of_more_than_20_megabytes_is_refused(anonymous):
    async def pieces():
        for _ in range(21):
            yield b" " * 1024 * 1024

    for content in (b" " * (21 * 1024 * 1024), pieces(), gzip.compress(b" " * (21 * 1024 * 1024))):
        answer = await anonymous.post("/batch/", content=content)
        assert (answer.status_code, answer.text) == (413, "length limit exceeded")


async def test_a_bad_event_in_a_batch_keeps_the_others_out(anonymous, alice, project):
    batch = {"api_key": project.api_token, "batch": [EVENT, {"event": "y"}]}
    assert (await anonymous.post("/batch/", json=batch)).status_code == 400
    assert await events_of(alice) == []


async def test_an_unknown_token_is_answered_like_a_known_one(anonymous, alice):
    answer = await anonymous.post("/batch/", json={"api_key": "phc_unknown", "batch": [EVENT]})
    assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert await events_of(alice) == []


async def test_events_go_to_the_project_of_the_token_only(anonymous, alice, mallory, project):
    await anonymous.post("/batch/", json={"api_key": project.api_token, "batch": [EVENT]})
    assert len(await events_of(alice)) == 1
    assert await events_of(mallory) == []


async def test_the_same_batch_again_changes_nothing(anonymous, alice, project):
    uuids = [str(uuid4()) for _ in range(3)]
    batch = {
        "api_key": project.api_token,
        "batch": [
            {**EVENT, "uuid": uuids[0], "properties": {"$set": {"step": 1}}},
            {**EVENT, "uuid": uuids[1], "properties": {"$set": {"step": 2}}},
            {**EVENT, "uuid": uuids[1], "properties": {"$set": {"step": 3}}},
        ],
    }
    await anonymous.post("/batch/", json=batch)
    later = {**EVENT, "uuid": uuids[2], "properties": {"$set": {"step": 9}}}
    await anonymous.post("/batch/", json={"api_key": project.api_token, "batch": [later]})
    await anonymous.post("/batch/", json=batch)
    events = await events_of(alice)
    assert sorted(event["id"] for event in events) == sorted(uuids)
    assert events[0]["person"]["properties"] == {"step": 9}


async def test_another_tenant_may_use_the_same_uuid(anonymous, alice, mallory, project):
    uuid = str(uuid4())
    for token in (project.api_token, mallory.project.api_token):
        await anonymous.post("/e/", json={**EVENT, "token": token, "uuid": uuid})
    assert [event["id"] for event in await events_of(alice)] == [uuid]
    assert [event["id"] for event in await events_of(mallory)] == [uuid]


async def test_a_large_batch_is_stored_whole_and_in_order(anonymous, alice, project):
    batch = [
        {
            "event": f"e{n}",
            "distinct_id": f"d{n % 7}",
            "timestamp": f"2026-05-01T10:{n // 60:02}:{n % 60:02}Z",
        }
        for n in range(2300)
    ]
    answer = await anonymous.post("/batch/", json={"api_key": project.api_token, "batch": batch})
    assert answer.status_code == 200
    events = await events_of(alice, limit=1000)
    assert [event["event"] for event in events] == [f"e{n}" for n in range(2299, 1299, -1)]


async def test_unstorable_text_is_cleaned(anonymous, alice, project):
    body = (
        b'{"token":"%b","event":"x\\u0000y","distinct_id":"a\\u0000","properties":{"k\\ud800":"\\u0000\\udc00",'
        b'"$set":{"n\\u0000":"v\\u0000"}}}' % project.api_token.encode()
    )
    assert (await anonymous.post("/e/", content=body)).status_code == 200
    (event,) = await events_of(alice)
    assert (event["event"], event["distinct_id"]) == ("x\ufffdy", "a\ufffd")
    assert event["properties"] == {"k\ufffd": "\ufffd\ufffd", "$set": {"n\ufffd": "v\ufffd"}}
    assert event["person"]["properties"] == {"n\ufffd": "v\ufffd"}


@pytest.mark.parametrize("inside", ["\\u0000", "\\ud800", "x"])
@pytest.mark.parametrize("depth", [70, 300, 800, 990, 3000])
async def test_what_is_nested_too_deeply_is_refused_whatever_lies_inside(anonymous, project, inside, depth):
    for path in ("/e/", "/batch/", "/engage/", "/flags/"):
        for opening, closing in ("[]", ('{"a":', "}")):
            deep = f'{opening * depth}"{inside}"{closing * depth}'
            body = (
                f'{{"token":"{project.api_token}","event":"x","distinct_id":"a","properties":{{"a":{deep}}}}}'
            )
            answer = await anonymous.post(path, content=body)
            assert (answer.status_code, answer.text) == (
                400,
                "failed to parse request: the JSON is nested too deeply",
            )


WIDE = ["[]," * 300_000, '{"":0},' * 100_000, '{"event":"x"},' * 100_000]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("wide", WIDE, ids=lambda wide: wide[:4])
async def test_a_body_of_too_many_parts_is_too_large(anonymous, alice, project, wide, packed):
    text = f'{{"token":"{project.api_token}","batch":[{wide}0]}}'.encode()
    for path in ("/e/", "/batch/", "/i/v0/e/", "/track/"):
        answer = await anonymous.post(path, content=gzip.compress(text) if packed else text)
        assert (answer.status_code, answer.text) == (413, "length limit exceeded")
    assert (await anonymous.post("/flags/", content=gzip.compress(text))).status_code == 413
    assert await events_of(alice) == []


@pytest.mark.parametrize("key", ["api_key", "token", "$token"])
async def test_a_large_batch_is_read_only_for_a_token_that_a_project_has(
    anonymous, alice, project, key, monkeypatch
):
    read: list[int] = []
    monkeypatch.setattr(json_text, "read_json", counting(json_text.read_json, read))
    batch = [{**EVENT, "properties": {"token": "the user's", "text": "x" * 1000}} for _ in range(100)]
    for token, status, is_read in (
        ("phc_unknown", 200, False),
        (None, 401, False),
        (project.api_token, 200, True),
    ):
        stated = {key: token} if token else {}
        for body in ({"batch": batch, **stated}, {**stated, "batch": batch}):
            if token is None:
                body = {"batch": [EVENT | {"properties": {"text": "x" * 100_000}}]}
            for content in (json.dumps(body).encode(), gzip.compress(json.dumps(body).encode())):
                read.clear()
                answer = await anonymous.post("/batch/", content=content)
                assert answer.status_code == status, answer.text
                assert (max(read, default=0) > 64 * 1024) == is_read
    assert len(await events_of(alice, limit=1000)) == 400


@pytest.mark.parametrize("path", ["/e/", "/flags/"])
async def test_what_is_packed_is_unpacked_in_a_thread(anonymous, project, path, monkeypatch):
    threads = []

    def noting(sent):
        threads.append(threading.current_thread() is threading.main_thread())
        return decoding.decoded(sent)

    monkeypatch.setattr(bodies, "decoded", noting)
    text = json.dumps({**EVENT, "token": project.api_token}).encode()
    packed = [
        gzip.compress(text),
        b64encode(text),
        b64encode(gzip.compress(text)),
        b"data=" + b64encode(text),
    ]
    for body in (*packed, text):
        assert (await anonymous.post(path, content=body)).status_code == 200
    assert threads == [False] * len(packed) + [True]


async def test_a_token_in_the_query_that_no_project_has_ends_the_request_first(anonymous, alice, project):
    body = {**EVENT, "token": project.api_token}
    assert (await anonymous.post("/e/?token=phc_unknown", json=body)).status_code == 200
    assert (await anonymous.post("/e/?api_key=phx_secret", content=b"\x1f\x8bnonsense")).status_code == 401
    assert (await anonymous.post("/flags/?token=phc_unknown", json=body)).status_code == 401
    assert await events_of(alice) == []
    assert (await anonymous.post(f"/e/?token={project.api_token}", json=EVENT)).status_code == 200
    assert len(await events_of(alice)) == 1


def counting(decode: Any, sizes: list[int]) -> Any:
    def counted(data: Any, **more: Any) -> Any:
        sizes.append(len(data))
        return decode(data, **more)

    return counted


async def test_a_database_that_is_away_is_a_transient_error(tmp_path):
    settings = Settings.from_env(
        {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    )
    transport = httpx.ASGITransport(create_app(settings))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        answer = await client.post("/e/", json={**EVENT, "token": "phc_token"})
    assert (answer.status_code, answer.text) == (503, "transient error, please retry")


async def test_a_recording_is_no_event(anonymous, alice, project):
    await anonymous.post("/e/", json={**EVENT, "event": "$snapshot", "token": project.api_token})
    assert await events_of(alice) == []


async def test_flags_say_that_there_are_none(anonymous, project):
    body = {"token": project.api_token, "distinct_id": "a"}
    new = (await anonymous.post("/flags/?v=2", json=body)).json()
    assert (new["flags"], new["featureFlags"], new["errorsWhileComputingFlags"]) == ({}, {}, False)
    assert "flags" not in (await anonymous.post("/flags", json={"api_key": project.api_token})).json()
    assert (await anonymous.post("/flags/?v=4", json=body)).json()["flags"] == {}
    with_config = (await anonymous.post("/flags/?v=2&config=true", json=body)).json()
    assert with_config["supportedCompression"] == ["gzip", "gzip-js"]


@pytest.mark.parametrize(("version", "flags"), [("", []), ("1", []), ("2", {}), ("3", {}), ("4", {})])
async def test_decide_answers_each_version(anonymous, project, version, flags):
    answer = await anonymous.post(f"/decide/?v={version}", json={"token": project.api_token})
    found = answer.json()
    assert answer.status_code == 200
    assert found["featureFlags"] == flags
    assert found["supportedCompression"] == ["gzip", "gzip-js"]
    assert ("flags" in found) == (version == "4")


async def test_flags_need_a_project(anonymous):
    unknown = await anonymous.post("/flags/?v=2", json={"token": "phc_unknown"})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "invalid_api_key")
    missing = await anonymous.post("/decide/?v=3", json={})
    assert (missing.status_code, missing.text) == (401, "event submitted without an api_key")


async def test_a_wrong_clock_is_corrected(anonymous, alice, project, clock):
    now = clock.freeze()
    wrong = now + timedelta(days=3)
    event = {**EVENT, "timestamp": (wrong - timedelta(minutes=5)).isoformat()}
    await anonymous.post(
        "/batch/", json={"api_key": project.api_token, "sent_at": wrong.isoformat(), "batch": [event]}
    )
    (stored,) = await events_of(alice)
    assert stored["timestamp"] == (now - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
