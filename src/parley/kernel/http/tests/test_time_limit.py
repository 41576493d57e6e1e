"""Bodies that take too long: the connection isn't held for whoever drips."""

import asyncio

import pytest

from parley.kernel.errors import RequestTimeout
from parley.kernel.http import time_limit as module
from parley.kernel.http.time_limit import in_time


def piece(more: bool):
    return {"type": "http.request", "body": b"x", "more_body": more}


async def test_a_body_that_drips_is_cut_off_after_the_whole_time_and_not_after_each_piece():
    asked = 0

    async def dripping():
        nonlocal asked
        asked += 1
        if asked > 5:
            await asyncio.Event().wait()
        return piece(more=True)

    receive = in_time(dripping, within_s=0.01)
    with pytest.raises(RequestTimeout) as error:
        while True:
            await receive()
    assert error.value.headers == {"Connection": "close"}


async def test_after_the_body_a_client_may_be_silent_for_as_long_as_it_likes():
    gone = asyncio.Event()

    async def silent():
        await gone.wait()
        return {"type": "http.disconnect"}

    messages = iter([piece(more=False)])

    async def receive():
        found = next(messages, None)
        return found if found is not None else await silent()

    timed = in_time(receive, within_s=0)
    await timed()
    waiting = asyncio.ensure_future(timed())
    await asyncio.wait({waiting}, timeout=0.01)
    assert not waiting.done()
    gone.set()
    assert (await waiting)["type"] == "http.disconnect"


SLOW = [
    ("POST", "/api/login", "application/json"),
    ("POST", "/api/conversations/v1/widget/message", "application/json"),
    ("POST", "/e/", "text/plain"),
    ("POST", "/flags/", "application/json"),
    ("POST", "/login", "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize(("method", "path", "kind"), SLOW)
async def test_every_route_that_reads_a_body_answers_408(app, project, monkeypatch, method, path, kind):
    monkeypatch.setattr(module, "BODY_S", 0.01)
    sent: list[int] = []

    async def receive():
        if not sent:
            sent.append(1)
            return {"type": "http.request", "body": b"{", "more_body": True}
        return await asyncio.Future()

    answers = []

    async def send(message):
        answers.append(message)

    headers = [(b"content-type", kind.encode()), (b"content-length", b"100000"), (b"host", b"parley.test")]
    headers.append((b"x-conversations-token", project.widget_token.encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("192.0.2.1", 1), "server": ("parley.test", 80), "extensions": {},
    }  # fmt: skip
    await app(scope, receive, send)
    assert answers[0]["status"] == 408
    assert (b"connection", b"close") in answers[0]["headers"]
