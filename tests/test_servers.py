"""The servers that the other tests stand on."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from tests import guard, servers

ROOT = Path(__file__).parent.parent
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


def test_a_server_ends_when_its_owner_is_killed() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    owner = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_REDIS], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port = int(owner.stdout.readline())
    assert accepts_connections(port)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    deadline = time.monotonic() + 60
    while accepts_connections(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not accepts_connections(port)
    assert not guard.is_alive(owner.pid)
