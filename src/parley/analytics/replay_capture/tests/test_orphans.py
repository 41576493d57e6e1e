"""Objects that no row names are deleted once they can't be on their way any more."""

from datetime import timedelta
from functools import partial

import pytest

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.replay_capture import actions
from parley.analytics.replay_capture.jobs import find_orphans
from parley.analytics.replay_capture.orphans import LOOKED_BACK, SETTLED_AFTER, clear_orphans
from parley.analytics.replay_capture.tests.recorder import click, packed, snapshot
from parley.kernel.database import database
from parley.kernel.database.transaction import run_command
from parley.kernel.errors import Unavailable
from parley.kernel.ids import first_id_at
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.storage.keys import object_key


async def look(services, queue):
    async with services.database.transaction() as db:
        await find_orphans(db, services)
    await queue.drain()


async def is_there(services, key):
    try:
        return await services.storage.read(key, 10) != b""
    except NoSuchObject:
        return False


async def test_the_daily_job_deletes_what_no_row_names(alice, anonymous, services, project, queue, clock):
    changes = {"session_recording_opt_in": True}
    await alice.client.patch(f"/api/projects/{project.id}/", json=changes)
    ms = clock.now().timestamp() * 1000
    answer = await anonymous.post("/s/", content=packed(snapshot(project.api_token, click(ms))))
    assert answer.json() == {"status": 1}
    orphan = object_key(project.id, OBJECT_KIND, first_id_at(clock.now()))
    await services.storage.put(orphan, b"x")
    await look(services, queue)
    assert await is_there(services, orphan)
    clock.advance(SETTLED_AFTER + timedelta(hours=1))
    for _ in range(2):
        await look(services, queue)
        assert not await is_there(services, orphan)
    assert len(objects(services, project)) == 1


def objects(services, project):
    folder = services.storage.folder / str(project.id)
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
async def batch(alice, anonymous, project, clock):
    """Have a recorder send a batch, and return the answer."""
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    body = snapshot(project.api_token, click(clock.now().timestamp() * 1000))
    return partial(anonymous.post, "/s/", content=packed(body))


async def test_a_project_that_goes_while_a_batch_is_stored_leaves_nothing(
    alice, batch, services, project, queue, clock, monkeypatch
):
    put = services.storage.put

    async def put_late(key, content):
        assert (await alice.client.delete(f"/api/projects/{project.id}/")).is_success
        await queue.drain()
        await put(key, content)

    monkeypatch.setattr(services.storage, "put", put_late)
    answer = await batch()
    assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert objects(services, project) == []
    await put(object_key(project.id, OBJECT_KIND, first_id_at(clock.now())), b"of a server that was killed")
    clock.advance(timedelta(days=1, minutes=1))
    await queue.drain()
    assert objects(services, project) == []


async def test_a_batch_that_can_not_be_noted_leaves_nothing(batch, services, project, monkeypatch):
    async def away(*_):
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(actions, "store_parts", away)
        assert (await batch()).status_code == 503
    assert objects(services, project) == []
    assert (await batch()).json() == {"status": 1}
    assert len(objects(services, project)) == 1


async def test_what_may_have_been_noted_stays(batch, services, project, monkeypatch):
    async def lost(driver, command):
        await run_command(driver, command)
        if command == "COMMIT":
            raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(database, "run_command", lost)
        assert (await batch()).status_code == 503
    assert len(objects(services, project)) == 1
    assert (await batch()).json() == {"status": 1}
    assert len(objects(services, project)) == 1


@pytest.mark.parametrize(
    ("age", "n_cleared"), [(timedelta(hours=23), 0), (LOOKED_BACK + timedelta(hours=1), 0)]
)
async def test_what_is_young_or_was_looked_at_before_stays(services, project, clock, age, n_cleared):
    await services.storage.put(object_key(project.id, OBJECT_KIND, first_id_at(clock.now() - age)), b"x")
    assert await clear_orphans(services, project.id, clock.now()) == n_cleared
