"""Where Parley reaches into its libraries beyond what they document (decision 26).

A red test here after an upgrade says what the library has changed, and which of our files relies on it.
"""

import asyncio
import socket

import httpx
import pytest
from granian.constants import Interfaces
from litestar import Litestar, get
from litestar.di import NamedDependency
from litestar.routes import HTTPRoute

from parley.kernel.dependencies import without_detours
from parley.server import listener
from tests.servers import free_port

Task = NamedDependency[asyncio.Task[None]]
seen: list[object] = []


async def guard(connection, handler):
    seen.append(handler)


async def first():
    return asyncio.current_task()


async def second():
    seen.append("begin")
    yield asyncio.current_task()
    seen.append("end")


@get("/", guards=[guard], dependencies={"one": first, "two": second})
async def show(one: Task, two: Task) -> bool:
    return one is two is asyncio.current_task()


@pytest.fixture
def small():
    """A small application with everything that `without_detours` changes."""
    seen.clear()
    made = Litestar([show], openapi_config=None)
    without_detours(made)
    return made


async def answered(app):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        return (await client.get("/")).json()


def handlers(app):
    return [
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler, _ in route.route_handler_map.values()
        if "GET" in handler.http_methods
    ]


async def test_litestar_makes_dependencies_in_the_task_of_the_handler(small):
    """kernel/dependencies.py sets `KwargsModel.dependency_batches`: one batch each, so no task for each."""
    assert await answered(small) is True


async def test_litestar_asks_guards_through_the_handler_and_hands_it_over_itself(small):
    """kernel/dependencies.py replaces `HTTPRouteHandler.authorize_connection`, which copies the handler."""
    await answered(small)
    assert seen[0] is handlers(small)[0]


async def test_litestar_makes_the_answer_before_dependencies_end(small):
    """kernel/idempotency/handlers.py wraps `HTTPRouteHandler.to_response`: the answer is stored in the transaction."""
    (handler,) = handlers(small)
    to_response = handler.to_response

    async def noted(**options):
        seen.append("answer")
        return await to_response(**options)

    handler.to_response = noted
    await answered(small)
    assert seen[1:] == ["begin", "answer", "end"]


async def test_granian_serves_on_the_socket_that_we_have_opened(small):
    """server/listener.py overrides `_init_shared_socket` and sets `_shd`, `_sfd` and `_ssp` of Granian's `Server`."""
    port = free_port()
    server = listener.ListeningServer(
        small, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while getattr(server, "_sfd", None) is None:
            await asyncio.sleep(0.01)
        assert (await client.get(f"http://127.0.0.1:{port}/")).json() is True
        with socket.socket(fileno=server._sfd) as ours:
            assert ours.getsockname()[1] == port
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == listener.UNREAD_S * 1000
            ours.detach()
    server.stop()
    await serving
