"""Objects that no row names are deleted once they can't be on their way any more."""

from datetime import timedelta

import pytest

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.replay_capture.jobs import find_orphans
from parley.analytics.replay_capture.orphans import LOOKED_BACK, SETTLED_AFTER, clear_orphans
from parley.analytics.replay_capture.tests.recorder import click, packed, snapshot
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
    assert (
        len([path for path in (services.storage.folder / str(project.id)).rglob("*") if path.is_file()]) == 1
    )


@pytest.mark.parametrize(
    ("age", "n_cleared"), [(timedelta(hours=23), 0), (LOOKED_BACK + timedelta(hours=1), 0)]
)
async def test_what_is_young_or_was_looked_at_before_stays(services, project, clock, age, n_cleared):
    await services.storage.put(object_key(project.id, OBJECT_KIND, first_id_at(clock.now() - age)), b"x")
    assert await clear_orphans(services, project.id, clock.now()) == n_cleared
