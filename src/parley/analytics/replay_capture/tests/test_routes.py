"""Recorders send to `/s/`."""

import asyncio
import gzip
import json
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from parley.analytics.recordings.actions.storing import MOST_BLOCKS
from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.recordings.tables import recording, recording_block, recording_usage
from parley.analytics.replay_capture.tests.recorder import click, meta, packed, snapshot
from parley.kernel.storage.errors import StorageAway
from parley.kernel.storage.keys import object_key

NOT_NOW = {"status": 1, "quota_limited": ["recordings"]}


@pytest.fixture
def ms(clock):
    return clock.now().timestamp() * 1000


@pytest.fixture
async def token(alice, project):
    """The token of a project that records."""
    await settings(alice, project, session_recording_opt_in=True)
    return project.api_token


async def settings(alice, project, **changes):
    answer = await alice.client.patch(f"/api/projects/{project.id}/", json=changes)
    assert answer.status_code == 200, answer.text


async def send(anonymous, body, path="/s/?compression=gzip-js"):
    answer = await anonymous.post(path, content=packed(body), headers={"Content-Type": "text/plain"})
    return answer.status_code, answer.json() if answer.is_success else answer.text


async def rows(services, project, table=recording):
    async with services.database.transaction(write=False) as db:
        return (await db.execute(select(table).where(table.c.project_id == project.id))).all()


async def lines_of(services, project):
    blocks = await rows(services, project, recording_block)
    objects = [
        await services.storage.read(object_key(project.id, OBJECT_KIND, one.object_id), 10**6)
        for one in sorted(blocks, key=lambda one: one.number)
    ]
    return [json.loads(line) for content in objects for line in gzip.decompress(content).splitlines()]


async def test_a_recorder_sends_in_each_way_that_it_has(anonymous, services, project, token, ms):
    session_id = str(uuid4())
    events = [meta(ms), click(ms + 1), click(ms + 2), click(ms + 3)]
    bodies = [snapshot(token, event, session_id=session_id) for event in events]
    assert await send(anonymous, bodies[0]) == (200, {"status": 1})
    assert await send(anonymous, [bodies[1]], "/ses/") == (200, {"status": 1})
    form = {"data": b64encode(json.dumps(bodies[2]).encode()).decode()}
    assert (await anonymous.post("/s?compression=base64", data=form)).json() == {"status": 1}
    assert (await anonymous.post("/s/?beacon=1", json=bodies[3])).status_code == 204
    assert await lines_of(services, project) == [["window-1", event] for event in events]
    [found] = await rows(services, project)
    assert (found.session_id, found.n_blocks, found.click_count) == (session_id, 4, 3)
    assert (found.start_url, found.distinct_id) == ("http://shop.test/cart", "visitor")


async def test_the_same_batch_leaves_one_object(anonymous, services, project, token, ms):
    body = snapshot(token, click(ms), session_id="s")
    for given in (body, body, [body, body, snapshot(token, click(ms), session_id="t")]):
        assert await send(anonymous, given) == (200, {"status": 1})
    assert len(await lines_of(services, project)) == 2
    keys = [key async for key in _objects(services, project)]
    assert len(keys) == 2


async def _objects(services, project):
    folder = services.storage.folder / str(project.id)
    for path in folder.rglob("*"):
        if path.is_file():
            yield path


async def test_nothing_is_recorded_before_it_is_switched_on(anonymous, alice, services, project, ms):
    body = snapshot(project.api_token, click(ms))
    assert await send(anonymous, body) == (200, NOT_NOW)
    await settings(alice, project, session_recording_opt_in=True)
    assert await send(anonymous, body) == (200, {"status": 1})
    await settings(alice, project, session_recording_opt_in=None)
    assert await send(anonymous, snapshot(project.api_token, click(ms))) == (200, NOT_NOW)
    assert len(await rows(services, project)) == 1


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"session_recording_limit_per_day": 1}, "day_recordings"),
        ({"session_recording_limit_mb_per_day": 1}, "day_bytes"),
        ({"session_recording_limit_mb": 1}, "recording_bytes"),
    ],
)
async def test_a_limit_that_is_reached_is_said_and_noted(
    anonymous, alice, services, project, token, ms, changes, limit
):
    await settings(alice, project, **changes)
    assert await send(anonymous, snapshot(token, click(ms), session_id="s")) == (200, {"status": 1})
    async with services.database.transaction() as db:
        for table in (recording, recording_usage):
            mine = table.c.project_id == project.id
            await db.execute(update(table).where(mine).values(size_bytes=1_000_000))
    session_id = {"day_recordings": "new"}.get(limit, "s")
    for at in (1, 2):
        late = snapshot(token, click(ms + at), session_id=session_id)
        assert await send(anonymous, late) == (200, NOT_NOW)
    [day] = await rows(services, project, recording_usage)
    assert (day.limit_reached, day.n_recordings) == (limit, 1)
    assert len([key async for key in _objects(services, project)]) == 1


@pytest.mark.parametrize("limit", ["recording_hours", "recording_blocks", "recording_bytes"])
async def test_nothing_is_put_for_what_passes_a_limit(
    anonymous, alice, services, project, token, ms, limit, monkeypatch
):
    await settings(alice, project, session_recording_limit_mb=1)
    assert await send(anonymous, snapshot(token, click(ms), session_id="s")) == (200, {"status": 1})
    is_hours = limit == "recording_hours"
    if not is_hours:
        almost = {"n_blocks": MOST_BLOCKS - 1, "size_bytes": 1_000_000 - 5000}
        name = {"recording_blocks": "n_blocks", "recording_bytes": "size_bytes"}[limit]
        async with services.database.transaction() as db:
            mine = recording.c.project_id == project.id
            await db.execute(update(recording).where(mine).values({name: almost[name]}))
    times = [ms - 86_397_000 + at if is_hours else ms + at for at in (1, 2)]
    bodies = [snapshot(token, click(at), session_id="s") for at in times]

    async def away(*_):
        raise StorageAway

    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "put", away)
        assert await send(anonymous, bodies) == (200, NOT_NOW)
    [day] = await rows(services, project, recording_usage)
    assert day.limit_reached == limit


async def test_nobody_ends_a_recording_by_a_batch_of_yesterday(anonymous, services, project, token, ms):
    sent = [snapshot(token, click(ms + at), session_id="s") for at in (0, 4000, 8000)]
    forged = snapshot(token, click(ms - 86_397_000), session_id="s", distinct_id="stranger")
    assert await send(anonymous, sent[0]) == (200, {"status": 1})
    assert await send(anonymous, forged) == (200, NOT_NOW)
    assert await send(anonymous, sent[1]) == (200, {"status": 1})
    assert await send(anonymous, [forged, sent[2]]) == (200, {"status": 1})
    [found] = await rows(services, project)
    assert (found.n_blocks, found.end_at - found.start_at) == (3, timedelta(seconds=8))


async def test_one_request_brings_all_or_nothing(anonymous, services, project, token, ms):
    bad = snapshot(token, click(ms), **{"$session_id": "a/b"})
    status, text = await send(anonymous, [snapshot(token, click(ms)), bad])
    assert (status, text) == (400, "replay event submitted with invalid session id")
    assert await rows(services, project) == []


async def test_batches_of_two_projects_do_not_come_together(anonymous, services, project, token, ms):
    given = [snapshot(token, click(ms)), snapshot("phc_other", click(ms))]
    assert (await send(anonymous, given))[0] == 401
    assert await send(anonymous, snapshot("phc_other", click(ms))) == (200, {"status": 1})
    assert (await send(anonymous, snapshot("phc_other", click(ms)), f"/s/?token={token}"))[0] == 200
    assert (await send(anonymous, {"event": "$snapshot", "properties": {}}))[0] == 401
    assert (await anonymous.post(f"/s/?token={'a' * 70}", content=b"x" * 1000)).status_code == 401
    assert await rows(services, project) == []


async def test_the_same_session_id_is_another_recording_elsewhere(
    anonymous, cast, services, project, token, ms
):
    other = cast.mallory.project
    await settings(cast.mallory, other, session_recording_opt_in=True)
    for given in (token, other.api_token):
        await send(anonymous, snapshot(given, click(ms), session_id="same"))
    assert [len(await rows(services, one)) for one in (project, other)] == [1, 1]


async def test_bodies_that_are_too_large_are_refused(anonymous, token):
    bomb = gzip.compress(gzip.compress(b" " * 9_000_000))
    for content in (bomb, gzip.compress(b" " * 9_000_000), b"[" + b" " * (4 * 1024 * 1024)):
        answer = await anonymous.post(f"/s/?token={token}", content=content)
        assert (answer.status_code, answer.text) == (413, "length limit exceeded")


async def test_a_recorder_tries_again_while_the_storage_is_away(
    anonymous, services, project, token, ms, monkeypatch
):
    async def away(*_):
        raise StorageAway

    body = snapshot(token, click(ms))
    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "put", away)
        assert await send(anonymous, body) == (503, "transient error, please retry")
    assert await rows(services, project) == []
    assert await send(anonymous, body) == (200, {"status": 1})


async def test_recorders_that_send_at_the_same_time_lose_and_double_nothing(
    anonymous, services, project, token, ms
):
    bodies = [snapshot(token, click(ms + at), session_id="s") for at in range(6)]
    answers = await asyncio.gather(*(send(anonymous, body) for body in bodies * 2))
    assert answers == [(200, {"status": 1})] * 12
    [found] = await rows(services, project)
    blocks = await rows(services, project, recording_block)
    assert (found.n_blocks, found.click_count) == (6, 6)
    assert sorted(block.number for block in blocks) == [*range(6)]
    assert len([key async for key in _objects(services, project)]) == 6
