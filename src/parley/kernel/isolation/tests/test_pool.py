"""Processes with limits: what goes wrong in one is over with it."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator

import pytest

from parley.kernel.isolation.pool import IsolatedPool, IsolatedPools, Stopped

PROGRAM = "parley.kernel.isolation.tests.program"


@pytest.fixture
async def pool() -> AsyncIterator[IsolatedPool]:
    made = IsolatedPool(PROGRAM, size=1)
    yield made
    await made.close()


async def pid_of(pool: IsolatedPool) -> int:
    return int((await pool.ask(b"pid", b"", seconds=10))[0])


async def test_an_answer_brings_its_contents_and_the_process_is_used_again(pool: IsolatedPool) -> None:
    content = os.urandom(3_000_000)
    first = await pid_of(pool)
    assert await pool.ask(b"abc", content, seconds=10) == (b"cba", [content, content[:3]])
    assert await pool.ask(b"print", b"", seconds=10) == (b"tnirp", [b"", b""])
    assert await pid_of(pool) == first


@pytest.mark.parametrize(
    ("request_", "seconds", "reason"),
    [
        (b"sleep", 0.3, "too_slow"),
        (b"spin", 20, "too_slow"),
        (b"memory", 10, "too_much_memory"),
        (b"abort", 10, "too_much_memory"),
        (b"raise", 10, "crashed"),
        (b"write", 10, "crashed"),
    ],
)
async def test_a_process_beyond_its_limits_is_stopped_and_the_next_request_is_answered(
    pool: IsolatedPool, request_: bytes, seconds: float, reason: str
) -> None:
    first = await pid_of(pool)
    with pytest.raises(Stopped) as stopped:
        await pool.ask(request_, b"", seconds=seconds)
    assert stopped.value.reason == reason
    assert await pid_of(pool) != first
    assert not is_running(first)


async def test_a_process_that_ended_in_peace_or_was_killed_while_idle_is_replaced(pool: IsolatedPool) -> None:
    first = await pid_of(pool)
    os.kill(first, signal.SIGKILL)
    await asyncio.sleep(0.1)
    assert await pid_of(pool) != first


async def test_a_request_that_is_cancelled_leaves_no_process_behind(pool: IsolatedPool) -> None:
    first = await pid_of(pool)
    asking = asyncio.create_task(pool.ask(b"sleep", b"", seconds=30))
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not is_running(first)
    assert await pool.ask(b"ab", b"", seconds=10) == (b"ba", [b"", b""])


async def test_more_requests_than_processes_wait_for_their_turn() -> None:
    pools = IsolatedPools()
    pool = pools.pool(PROGRAM)
    pids = await asyncio.gather(*(pid_of(pool) for _ in range(20)))
    assert len(set(pids)) <= 2
    await pools.close()
    assert not any(is_running(pid) for pid in pids)


async def test_a_process_gets_no_settings_of_the_server(
    pool: IsolatedPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_SECRET_KEY", "secret")
    names = (await pool.ask(b"environment", b"", seconds=10))[0]
    assert b"PATH" in names
    assert b"PARLEY" not in names


def test_processes_end_with_a_server_that_is_killed() -> None:
    code = f"""
        import asyncio
        from parley.kernel.isolation.pool import IsolatedPool
        async def main():
            pool = IsolatedPool({PROGRAM!r}, size=1)
            print((await pool.ask(b"pid", b"", seconds=10))[0].decode(), flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    assert is_running(pid)
    server.kill()
    server.communicate()
    until = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
