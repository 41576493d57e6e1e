"""The processes of `parley serve`: killed, told to stop, held up by clients."""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.guard import is_alive
from tests.parley_server import migrated_postgres_url
from tests.test_faults import Program

SOON_S = 18
"""Far less than half-sent requests could hold the process up."""

HALF_BODY = (
    b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
)


class Workers(Program):
    """Two processes behind one port."""

    def words(self) -> list[str]:
        return [*super().words(), "--workers", "2"]

    def workers(self) -> set[int]:
        assert self.process is not None
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def n_listening(self) -> int:
        """Count the workers that accept connections."""
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] == "0A" for row in rows)

    def until(self, is_so) -> None:
        deadline = time.monotonic() + 120
        while not is_so():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def died(self) -> int:
        return self.log.read_text().count("worker_died")


@pytest.fixture
def workers(tmp_path: Path, redis_url: str) -> Iterator[Workers]:
    made = Workers(tmp_path, {"PARLEY_DATABASE_URL": migrated_postgres_url(), "PARLEY_REDIS_URL": redis_url})
    made.run()
    made.until(lambda: made.n_listening() == 2)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGINT)


@pytest.fixture(params=["one", "two"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """Give a running server: one process on SQLite, or two on PostgreSQL."""
    made = request.getfixturevalue("workers") if request.param == "two" else Program(tmp_path, {})
    if made.process is None:
        made.run()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


def health(program: Program) -> int:
    return httpx.get(f"{program.url}/_health").status_code


def test_a_killed_worker_is_started_again_and_the_other_one_goes_on(workers):
    for killed in workers.workers():
        os.kill(killed, signal.SIGKILL)
        workers.until(lambda: workers.n_listening() == 1)
        assert health(workers) == 200
        workers.until(lambda: workers.n_listening() == 2)
    assert workers.died() == 2
    ended = workers.workers()
    assert workers.end(signal.SIGTERM) == 0
    assert not any(is_alive(worker) for worker in ended)
    assert "Traceback" not in workers.log.read_text()


def test_a_worker_that_dies_again_and_again_is_started_after_longer_and_longer_pauses(workers):
    [first, second] = workers.workers()
    os.kill(first, signal.SIGKILL)
    workers.until(lambda: workers.died() == 1)
    workers.until(lambda: len(workers.workers() - {first}) == 2)
    [again] = workers.workers() - {second}
    os.kill(again, signal.SIGKILL)
    workers.until(lambda: workers.died() == 2)
    log = workers.log.read_text()
    assert log.index('"starts_again_in_s": 0.2') < log.index('"starts_again_in_s": 1')


def test_a_worker_that_cannot_be_started_for_a_while_is_started_later(workers):
    """As where there is no memory for one more process; here it is files that are lacking."""
    assert workers.process is not None
    supervisor = workers.process.pid
    limits = resource.prlimit(supervisor, resource.RLIMIT_NOFILE)
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (3, limits[1]))
    os.kill(min(workers.workers()), signal.SIGKILL)
    workers.until(lambda: "worker_not_started" in workers.log.read_text())
    assert health(workers) == 200
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, limits)
    workers.until(lambda: workers.n_listening() == 2)
    assert workers.end(signal.SIGTERM) == 0


def test_workers_end_when_their_supervisor_is_killed(workers):
    orphans = workers.workers()
    workers.end(signal.SIGKILL)
    workers.until(lambda: not any(is_alive(orphan) for orphan in orphans))
    workers.run()  # the port is free
    assert health(workers) == 200


def test_clients_that_send_no_whole_request_head_do_not_hold_up_the_end(program):
    with ExitStack() as stack:
        for sent in (b"", b"GET /_health HTTP/1.1\r\nHost: ", HALF_BODY[:-20]):
            stack.enter_context(opened(program, sent))
        assert health(program) == 200
        assert ended(program, SOON_S) == 0


def test_a_half_sent_body_holds_up_the_end_for_the_drain_time_at_most(program):
    from parley.server.worker import DRAIN_S

    with opened(program, HALF_BODY):
        assert health(program) == 200
        assert ended(program, DRAIN_S + 10) == 0
    assert "Traceback" not in program.log.read_text()


def test_a_stream_that_nobody_reads_does_not_hold_up_the_end(program):
    project = program.bootstrap("owner@example.com")
    path = f"/api/projects/{project.project_id}/conversations"
    head = (
        f"GET {path}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {project.personal_api_key}\r\n\r\n"
    )
    with opened(program, head.encode()) as stream:
        assert stream.recv(15) == b"HTTP/1.1 200 OK"
        assert ended(program, SOON_S) == 0


def test_a_second_signal_ends_at_once(program):
    with opened(program, HALF_BODY):
        assert health(program) == 200
        assert program.process is not None
        program.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(timeout=2)
        assert program.process.poll() is None
        assert ended(program, 10) == 0


def opened(program: Program, sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", program.port))
    client.sendall(sent)
    return client


def ended(program: Program, within_s: float) -> int:
    assert program.process is not None
    program.process.send_signal(signal.SIGTERM)
    return program.process.wait(timeout=within_s)


async def test_sigterm_fails_no_request_of_clients_that_come_again(program):
    """Clients that keep their connections and clients that don't: answered, or refused before anything was sent."""
    project = program.bootstrap("owner@example.com")
    headers = {"X-Conversations-Token": project.widget_token}
    answered = 0

    async def ask(limits: httpx.Limits) -> None:
        nonlocal answered
        body = {"widget_session_id": str(uuid4()), "distinct_id": "a", "message": "Hello?"}
        async with httpx.AsyncClient(base_url=program.url, headers=headers, limits=limits) as client:
            while True:
                try:
                    answer = await client.post("/api/conversations/v1/widget/message", json=body)
                except httpx.ConnectError:
                    return
                assert answer.status_code == 200
                answered += 1

    kept, fresh = httpx.Limits(), httpx.Limits(max_keepalive_connections=0)
    tasks = [asyncio.create_task(ask(limits)) for limits in (kept, fresh) * 4]
    while answered < 100:
        await asyncio.sleep(0.01)
    assert await asyncio.to_thread(program.end, signal.SIGTERM) == 0
    await asyncio.gather(*tasks)
