"""The servers that the other tests stand on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from tests import guard, servers

ROOT = Path(__file__).parent.parent
FORKS_A_PROGRAM = """
import sys
import time
from functools import partial
from pathlib import Path
from tests import forked_program
forked_program.processes.set_forkserver_preload([])
log = Path(sys.argv[1])
print(forked_program.ForkedProgram(["serve"], {}, log, log, partial(time.sleep, 60)).pid, flush=True)
time.sleep(60)
"""
STARTS_A_REDIS = """
import time
from tests import servers
print(servers.start_redis().port, flush=True)
time.sleep(60)
"""


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_each_database_starts_empty() -> None:
    connection = await asyncpg.connect(servers.new_postgres_url())
    tables = await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == []


async def test_a_worker_keeps_its_database() -> None:
    assert servers.postgres_url() == servers.postgres_url()
    connection = await asyncpg.connect(servers.postgres_url())
    name = await connection.fetchval("SELECT current_database()")
    await connection.close()
    assert name == f"parley_{servers.worker_name()}"


async def test_redis_answers() -> None:
    client = Redis.from_url(servers.redis_url())
    assert await client.ping()
    await client.aclose()


def test_a_stopped_redis_starts_again_on_its_port() -> None:
    server = servers.start_redis()
    server.stop()
    assert not accepts_connections(server.port)
    server.start()
    assert accepts_connections(server.port)
    server.remove()


async def test_a_stopped_postgres_keeps_what_was_written() -> None:
    server = servers.start_postgres()
    url = server.make_database("kept")
    server.stop()
    server.start()
    connection = await asyncpg.connect(url)
    await connection.close()
    server.remove()


def owner(program: str, *words: str) -> subprocess.Popen[str]:
    """Run a program of Python that owns something, as a run of the tests does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    command = [sys.executable, "-c", program, *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str]) -> int:
    """Kill it once it has said a number; return the number."""
    assert process.stdout is not None
    number = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return number


def is_true_soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_a_server_ends_when_its_owner_is_killed() -> None:
    of_redis = owner(STARTS_A_REDIS)
    port = killed(of_redis)
    assert is_true_soon(lambda: not accepts_connections(port))
    assert not guard.is_alive(of_redis.pid)


def test_a_forked_program_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    pid = killed(owner(FORKS_A_PROGRAM, str(tmp_path / "log")))
    assert is_true_soon(lambda: not guard.is_alive(pid))
