"""Batches of recorders over a server that is killed again and again: what was acknowledged is there, whole and once.

`RECORDING_KILLS=50` kills more often than the suite has time for.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from parley.analytics.replay_capture.tests.recorder import packed, snapshot
from tests.parley_server import Project, migrated_postgres_url
from tests.test_faults import Program

N_KILLS = int(os.environ.get("RECORDING_KILLS", "2"))
N_RECORDERS = 4
BATCHES_OF_KILL = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    settings = {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    made = Program(tmp_path, settings)
    made.run()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


class Recorders:
    """Browsers that send one batch after the other, each until it is acknowledged, as posthog-js does."""

    def __init__(self, program: Program, project: Project) -> None:
        self.program, self.project = program, project
        self.acknowledged: dict[str, list[str]] = {str(uuid4()): [] for _ in range(N_RECORDERS)}
        self.is_over = False

    async def record(self, session_id: str) -> None:
        """Send batches until all kills are over."""
        async with httpx.AsyncClient(base_url=self.program.url, timeout=60) as client:
            while not self.is_over:
                mark = uuid4().hex
                event = {
                    "type": 5,
                    "timestamp": 1000 * time.time(),
                    "data": {"tag": mark, "text": "x" * 20_000},
                }
                body = packed(snapshot(self.project.project_token, event, session_id=session_id))
                await self._send(client, body)
                self.acknowledged[session_id].append(mark)

    async def _send(self, client: httpx.AsyncClient, body: bytes) -> None:
        for _ in range(2_000):
            try:
                answer = await client.post("/s/?compression=gzip-js", content=body)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code < 500:
                assert answer.raise_for_status().json() == {"status": 1}
                return
            await asyncio.sleep(0.05)
        raise AssertionError("nobody takes the batch")

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))


async def kill_in_between(program: Program, recorders: Recorders) -> None:
    """Kill whenever some more batches were acknowledged, at no particular moment."""
    moments = random.Random(7)
    for _ in range(N_KILLS):
        wanted = recorders.count() + BATCHES_OF_KILL
        while recorders.count() < wanted:
            await asyncio.sleep(0.01)
        await asyncio.sleep(moments.uniform(0, 0.05))
        await asyncio.to_thread(program.end, signal.SIGKILL)
        await asyncio.to_thread(program.run)
    recorders.is_over = True


async def marks_of(client: httpx.AsyncClient, path: str) -> list[str]:
    """Return the marks of the events of a recording, in the order of its blocks."""
    sources = (await client.get(path)).raise_for_status().json()["sources"]
    assert [source["blob_key"] for source in sources] == [str(number) for number in range(len(sources))]
    found: list[str] = []
    for first in range(0, len(sources), 20):
        keys = {"start_blob_key": first, "end_blob_key": min(first + 19, len(sources) - 1)}
        answer = (await client.get(path, params={"source": "blob_v2", **keys})).raise_for_status()
        found += [json.loads(line)[1]["data"]["tag"] for line in answer.text.splitlines()]
    return found


async def test_no_acknowledged_batch_is_lost_when_the_server_is_killed(program):
    project = await asyncio.to_thread(program.bootstrap, "owner@example.com")
    async with program.client(project) as client:
        changes = {"session_recording_opt_in": True}
        (await client.patch(f"/api/projects/{project.project_id}/", json=changes)).raise_for_status()
    recorders = Recorders(program, project)
    work = [recorders.record(session_id) for session_id in recorders.acknowledged]
    async with asyncio.timeout(120 + 60 * N_KILLS):
        await asyncio.gather(kill_in_between(program, recorders), *work)
    path = f"/api/projects/{project.project_id}/session_recordings"
    async with program.client(project) as client:
        for session_id, marks in recorders.acknowledged.items():
            assert await marks_of(client, f"{path}/{session_id}/snapshots/") == marks
