"""Nothing that needs no key is without a limit, and a real server cuts off who drips."""

import asyncio
import resource
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parley.conversations.widget.routes.conversation import reads, writes
from parley.kernel.errors import Throttled
from parley.kernel.http import time_limit
from parley.kernel.throttle import pages_counted
from parley.main import collected_handlers
from parley.people.events.throttling import capture_counted
from parley.server import listener
from tests.limited import limited_app
from tests.serving import serving

UNLIMITED = {
    "/_health": "says only that the process is up, and must say so under load",
    "/metrics": "is for this machine, or for who has the token",
    "/assets/{name:str}": "is in memory",
    "/favicon.ico": "is in memory",
    "/static/{name:str}": "is in memory",
    "/static/{version:str}/{name:str}": "is in memory",
}
BY_ITSELF = {
    "/api/login": "accounts/sign_in/login_throttle.py",
    "/api/login/token": "accounts/sign_in/second_step.py",
    "/api/login/recovery": "accounts/sign_in/recovery.py",
    "/api/webauthn/login/begin": "accounts/sign_in/routes/passkeys.py",
    "/api/webauthn/login/complete": "accounts/sign_in/routes/passkeys.py",  # of what was begun
    "/report_pictures/{token:str}": "analytics/subscription_deliveries/routes.py",
    "/api/reset": "accounts/password_reset/actions.py",
    "/api/reset/{user_uuid:str}": "accounts/sign_in/login_throttle.py",
    "/api/signup/{token:str}": "accounts/sign_in/login_throttle.py",
    "/api/conversations/external/ticket/{ticket_id:str}": "conversations/external_api/access.py",
    "/api/conversations/v1/email/inbound": "email/mail_webhook/routes.py",
    "/api/conversations/v1/slack/events": "integrations/slack_channel/routes.py",
    "/api/conversations/v1/sms/inbound": "integrations/sms/access.py",
    "/api/conversations/v1/sms/status": "integrations/sms/access.py",
}


def door_of(handler: Any) -> Any:
    return next(guard.admits for guard in handler.guards if hasattr(guard, "admits"))


def test_every_route_without_a_key_has_a_limit():
    bare = {
        path
        for handler in collected_handlers()
        if door_of(handler) == "public" and not any(hasattr(guard, "limits") for guard in handler.guards)
        for path in handler.paths
    }
    assert bare == {*UNLIMITED, *BY_ITSELF}


@pytest.fixture
async def port(app, monkeypatch):
    """The port of a real server in this process, which waits a moment for clients instead of half a minute."""
    monkeypatch.setattr(time_limit, "BODY_S", 0.2)
    monkeypatch.setattr(listener, "UNREAD_S", 0.5)
    async with serving(app) as found:
        yield found


HEADS = [
    b"POST /api/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000",
    b"POST /api/login HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked",
    b"POST /e/ HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1000",
]


@pytest.mark.parametrize("head", HEADS, ids=["length", "chunked", "capture"])
async def test_a_body_that_never_ends_is_answered_and_its_connection_closed(port, head):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first = b"1\r\n{\r\n" if b"chunked" in head else b"{"
    writer.write(head + b"\r\nHost: parley.test\r\n\r\n" + first)
    answer = await asyncio.wait_for(reader.read(), 60)  # until the server closes
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


def n_established(port: int) -> int:
    """Count the server's ends of connections."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux does it")
async def test_a_client_that_does_not_read_is_dropped(port):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", port))
        request = b"GET /static/array.full.js HTTP/1.1\r\nHost: parley.test\r\n\r\n"
        await loop.sock_sendall(client, request * 20)
        async with asyncio.timeout(60):
            while not n_established(port):
                await asyncio.sleep(0.01)
            while n_established(port):
                await asyncio.sleep(0.05)


def test_a_process_may_open_as_many_files_as_it_holds_connections():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (700, before[1]))
    try:
        assert listener.n_connections() == 188
        listener.allow_connections()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert hard == before[1]
        assert soft == min(hard, listener.MOST_CONNECTIONS + listener.OTHER_FILES)
        assert listener.n_connections() == min(listener.MOST_CONNECTIONS, soft - listener.OTHER_FILES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def n_passed(guard: Any, app: Any, address: str) -> int:
    """Return how many requests of an address pass until one is refused."""
    connection: Any = SimpleNamespace(app=app, scope={"client": (address, 1)})
    n = 0
    with suppress(Throttled):
        while True:
            await guard(connection, None)
            n += 1
    return n


@pytest.mark.parametrize("guard", [reads, writes, capture_counted, pages_counted], ids=range(4))
async def test_the_networks_of_one_line_together_get_three_times_what_one_gets(settings, app, guard):
    async with limited_app(settings) as made:
        lines = ("2001:470:1:%x::1", "2001:470:2:%x::1", "192.0.%d.1")
        found = [sum([await n_passed(guard, made.app, line % n) for n in range(5)]) for line in lines]
    most = min(limit.most for limit in guard.limits)
    assert found == [3 * most, 3 * most, 5 * most]
