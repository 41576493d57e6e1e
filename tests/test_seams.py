"""Where Parley reaches into its libraries beyond what they document (decision 26).

A red test here after an upgrade says what the library has changed, and which of our files relies on it.
"""

import asyncio
import socket
import subprocess
import sys

import httpx
import pytest
from granian.constants import Interfaces
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.routes import HTTPRoute

from parley.kernel.application import ParleyApplication
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


def client_of(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://parley.test")


async def answered(app):
    async with client_of(app) as client:
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


@get(["/one", "/two/{key:str}"], dependencies={"one": first, "two": second})
async def read(one: Task, two: Task, key: FromPath[str] = "") -> str:
    return key


@post(["/one", "/two/{key:str}"], status_code=202)
async def write(key: FromPath[str], at: FromQuery[int]) -> str:
    return f"{key} {at}"


def registered(app):
    return {
        route.path: {
            method: (str(handler), model.expected_path_params, model.expected_query_params)
            for method, (handler, model) in route.route_handler_map.items()
        }
        for route in app.routes
        if isinstance(route, HTTPRoute)
    }


def test_handlers_that_are_registered_together_are_what_litestar_makes_of_each():
    """kernel/application.py does the steps of `Litestar.register` once for all handlers."""
    together = ParleyApplication(openapi_config=None)
    together.register_all([show, read, write])
    found = registered(together)
    assert found == registered(Litestar([show, read, write], openapi_config=None))
    assert {path: {*methods} for path, methods in found.items()} == {
        "/": {"GET", "OPTIONS"},
        "/one": {"GET", "POST", "OPTIONS"},
        "/two/{key:str}": {"GET", "POST", "OPTIONS"},
    }


async def test_one_handler_belongs_to_several_applications():
    """kernel/application.py copies handlers, as `Litestar.register` does."""
    for _ in range(2):
        app = ParleyApplication(openapi_config=None)
        app.register_all([show, write])
        async with client_of(app) as client:
            answer = await client.post("/two/x", params={"at": "7"})
            assert (answer.status_code, answer.text) == (202, "x 7")
            assert (await client.post("/two/x", params={"at": "noon"})).status_code == 400
            assert (await client.get("/one")).status_code == 405
            assert (await client.get("/three")).status_code == 404


def test_litestar_looks_for_no_types_but_those_of_msgspec():
    """kernel/application.py replaces `Litestar._get_default_plugins`, which imports pydantic."""
    code = "import sys, parley.main; from parley.kernel.application import ParleyApplication; ParleyApplication(); "
    code += "print('msgspec' in sys.modules, 'pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


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
