"""Recordings go: by request, by the clock, and with their project."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from parley.analytics.recordings.tables import recording, recording_block, recording_view
from parley.analytics.recordings.tests.factories import batch_of, make_recording, note
from parley.kernel.storage.errors import StorageAway
from parley.kernel.storage.keys import object_key


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/session_recordings/"


async def keys_of(services, project):
    c = recording_block.c
    async with services.database.transaction(write=False) as db:
        found = await db.execute(select(c.object_id).where(c.project_id == project.id))
        return [object_key(project.id, "recording", id) for id in found.scalars()]


async def n_rows(services, project, table):
    async with services.database.transaction(write=False) as db:
        count = select(func.count()).select_from(table).where(table.c.project_id == project.id)
        return (await db.execute(count)).scalar_one()


async def objects(services, project):
    return await services.storage._some_keys(f"{project.id}/")


async def test_a_deleted_recording_is_gone_with_its_objects(api, services, project, path, queue):
    session_id = await make_recording(services, project)
    other = await make_recording(services, project, seed=2)
    await api.post(f"{path}{session_id}/viewed/")
    answer = await api.delete(f"{path}{session_id}/")
    assert (answer.status_code, answer.content) == (204, b"")
    for left in ("", "snapshots/"):
        assert (await api.get(f"{path}{session_id}/{left}")).status_code == 404
    assert (await api.delete(f"{path}{session_id}/")).status_code == 404
    assert [one["id"] for one in (await api.get(path)).json()["results"]] == [other]
    await queue.drain()
    assert sorted(await objects(services, project)) == sorted(await keys_of(services, project))
    assert len(await objects(services, project)) == 3
    assert await n_rows(services, project, recording_view) == 0
    log = (await api.get(f"/api/projects/{project.id}/activity_log/?scope=Replay")).json()["results"]
    assert [(one["activity"], one["item_id"]) for one in log] == [("deleted", session_id)]


async def test_nothing_of_somebody_is_left_in_the_row_and_late_batches_are_dropped(
    api, services, project, path, queue
):
    start_at = services.clock.now() - timedelta(hours=1)
    session_id = await make_recording(services, project, start_at=start_at, distinct_id="ada")
    await api.post(f"{path}{session_id}/pin/")
    await api.delete(f"{path}{session_id}/")
    late = batch_of(note("late", start_at))
    await make_recording(services, project, session_id=session_id, distinct_id="ada", batches=[late])
    await queue.drain()
    assert await n_rows(services, project, recording_block) == 0
    async with services.database.transaction(write=False) as db:
        row = (await db.execute(select(recording).where(recording.c.session_id == session_id))).one()
    assert (row.distinct_id, row.start_url, row.is_pinned) == ("", None, False)
    assert row.expires_at > services.clock.now()


async def test_objects_are_deleted_once_the_storage_is_back(
    api, services, project, path, queue, clock, monkeypatch
):
    session_id = await make_recording(services, project)
    delete = services.storage.delete

    async def away(_):
        raise StorageAway

    monkeypatch.setattr(services.storage, "delete", away)
    await api.delete(f"{path}{session_id}/")
    await queue.drain()
    assert len(await keys_of(services, project)) == len(await objects(services, project)) == 3
    monkeypatch.setattr(services.storage, "delete", delete)
    clock.advance(timedelta(minutes=1))
    await queue.drain()
    assert await keys_of(services, project) == await objects(services, project) == []


async def test_recordings_expire_and_are_forgotten(api, services, project, path, queue, clock):
    start_at = services.clock.now() - timedelta(days=29, hours=23)
    old = await make_recording(services, project, start_at=start_at)
    new = await make_recording(services, project, start_at=start_at + timedelta(days=1), seed=2)
    assert len((await api.get(path)).json()["results"]) == 2
    clock.advance(timedelta(hours=2))
    assert [one["id"] for one in (await api.get(path)).json()["results"]] == [new]
    assert (await api.get(f"{path}{old}/")).status_code == 404
    for _ in range(2):
        await queue.run_job("recordings.expire")
        await queue.drain()
    assert await n_rows(services, project, recording) == 2
    assert len(await objects(services, project)) == len(await keys_of(services, project)) == 3
    clock.advance(timedelta(days=30))
    for _ in range(3):
        await queue.run_job("recordings.expire")
        await queue.drain()
    assert await n_rows(services, project, recording) == 1
    assert (await api.get(path)).json()["results"] == []


async def test_a_deleted_project_leaves_no_objects(api, cast, alice, services, project, queue):
    await make_recording(services, project)
    page = await cast.sign_in(alice)
    assert (await page.delete(f"/api/projects/{project.id}/")).status_code == 204
    await queue.drain()
    assert await objects(services, project) == []
    assert await n_rows(services, project, recording_block) == 0
