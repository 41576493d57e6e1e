"""Two hundred calls of one key at once: nobody else waits behind them, and memory holds only what goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from parley.kernel.errors import Throttled
from parley.kernel.throttle import TurnsOfKey
from parley.mcp.routes import _of_key
from parley.mcp.tests.clients import rpc
from tests.serving import serving

LOCAL = {"Host": "localhost"}
LISTING = rpc("tools/call", {"name": "conversations-tickets-list", "arguments": {}})
FLOOD = 200
AT_ONCE, WAITING = _of_key.most, _of_key.waiting


async def test_a_flood_of_one_key_is_told_to_wait_and_keeps_nobody_else_waiting(alice, mallory):
    await mallory.client.post("/mcp", json=LISTING, headers=LOCAL)  # whoever comes first imports the SDK
    done: list[int] = []

    async def ask() -> None:
        answer = await alice.client.post("/mcp", json=LISTING, headers=LOCAL)
        assert answer.status_code == 200 or int(answer.headers["Retry-After"]) >= 1, answer.text
        done.append(answer.status_code)

    flood = [asyncio.create_task(ask()) for _ in range(FLOOD)]
    await asyncio.sleep(0)
    other = await mallory.client.post("/mcp", json=LISTING, headers=LOCAL)
    answered_before = done.count(200)
    await asyncio.gather(*flood)
    assert other.json()["result"]["isError"] is False
    assert answered_before <= FLOOD // 2
    assert done.count(200) >= AT_ONCE + WAITING
    assert _of_key.n_keys == 0


@asynccontextmanager
async def slow_sender(port: int, key: str) -> AsyncIterator[Callable[[], Awaitable[bytes]]]:
    """Say what will be sent until the server waits for it; yield what sends it and returns the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(LISTING).encode()
    head = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")

    async def send() -> bytes:
        writer.write(body)
        return await reader.read()

    try:
        yield send
    finally:
        writer.close()


async def test_whoever_sends_slowly_takes_no_place(app, alice):
    headers = {**LOCAL, "Authorization": f"Bearer {alice.key}"}
    async with serving(app) as port, AsyncExitStack() as opened:
        client = await opened.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}"))
        slow = [await opened.enter_async_context(slow_sender(port, alice.key)) for _ in range(AT_ONCE)]
        quick = await client.post("/mcp", json=LISTING, headers=headers, timeout=20)
        late = await asyncio.gather(*(send() for send in slow))
    assert quick.json()["result"]["isError"] is False
    assert [answer[:12] for answer in late] == [b"HTTP/1.1 200"] * AT_ONCE


async def test_calls_of_a_key_run_side_by_side_up_to_a_number():
    at_once, running, most = TurnsOfKey(AT_ONCE, WAITING), 0, 0

    async def use(key: str) -> None:
        nonlocal running, most
        async with at_once.taken(key):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(use("one") for _ in range(50)))
    assert (most, at_once.n_keys) == (AT_ONCE, 0)
    await asyncio.gather(*(use(key) for key in ("one", "two") for _ in range(50)))
    assert (most, at_once.n_keys) == (2 * AT_ONCE, 0)


async def test_whoever_would_wait_behind_too_many_of_the_same_key_is_told_to_come_again():
    of_key, go = TurnsOfKey(2, waiting=3), asyncio.Event()

    async def use() -> None:
        async with of_key.taken("one"):
            await go.wait()

    used = [asyncio.create_task(use()) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await use()
    go.set()
    await asyncio.gather(*used)
    assert of_key.n_keys == 0
