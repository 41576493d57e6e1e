"""Plain data leaves as JSON; whatever needs more leaves the framework's way."""

import msgspec
import pytest
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask
from litestar.testing import AsyncTestClient

from parley.kernel.http.json_response import JsonResponse

ran: list[str] = []


class Thing(msgspec.Struct):
    name: str


@get("/struct", status_code=202)
async def struct() -> Thing:
    return Thing("é")


@get("/nothing", status_code=204)
async def nothing() -> None:
    return None


@get("/null")
async def null() -> Thing | None:
    return None


@get("/text", media_type="text/plain")
async def text() -> str:
    return "plain"


@get("/cookie")
async def cookie() -> Response[Thing]:
    answer = Response(Thing("a"), headers={"x-own": "1"}, background=BackgroundTask(ran.append, "done"))
    answer.set_cookie("crumb", "1")
    return answer


@pytest.fixture
async def client():
    app = Litestar(
        [struct, nothing, null, text, cookie],
        response_class=JsonResponse,
        openapi_config=None,
        logging_config=None,
    )
    async with AsyncTestClient(app) as made:
        yield made


async def test_a_struct_is_json_with_its_status_and_length(client):
    answer = await client.get("/struct")
    assert (answer.status_code, answer.json()) == (202, {"name": "é"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_no_content_has_no_body(client):
    answer = await client.get("/nothing")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_null_is_json_too(client):
    assert (await client.get("/null")).json() is None


async def test_text_is_not_quoted(client):
    answer = await client.get("/text")
    assert (answer.text, answer.headers["content-type"]) == ("plain", "text/plain; charset=utf-8")


async def test_headers_cookies_and_later_work_are_kept(client):
    answer = await client.get("/cookie")
    assert (answer.json(), answer.headers["x-own"], answer.cookies["crumb"]) == ({"name": "a"}, "1", "1")
    assert ran == ["done"]
