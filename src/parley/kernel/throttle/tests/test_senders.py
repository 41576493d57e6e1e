"""Bodies of strangers at the doors of Slack and Twilio: who sends slowly keeps nobody out who sends at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest

from parley.integrations.slack_channel.routes import AT_ONCE as AT_SLACKS
from parley.integrations.slack_channel.routes import PATH as SLACK
from parley.integrations.sms import INBOUND_PATH, STATUS_PATH
from parley.integrations.sms.access import AT_ONCE as AT_TWILIOS
from parley.kernel.throttle import senders

DOORS = [(SLACK, AT_SLACKS), (INBOUND_PATH, AT_TWILIOS), (STATUS_PATH, AT_TWILIOS)]


async def in_pieces() -> AsyncIterator[bytes]:
    yield b"a=1"
    yield b"&b=2"


@pytest.mark.parametrize(("path", "limits"), DOORS)
async def test_a_body_that_comes_whole_needs_no_place_of_those_that_come_in_pieces(
    anonymous, services, path, limits
):
    with ExitStack() as taken:
        for network in range(limits.pieces_of_all.most):
            places = (limits.pieces_of_all, ""), (limits.pieces_of_network, f"192.0.2.{network}")
            taken.enter_context(services.slots.taken(*places))
        assert (await anonymous.post(path, content=b"a=1")).status_code == 403
        assert (await anonymous.post(path, content=b"")).status_code == 403
        assert (await anonymous.post(path, content=in_pieces())).status_code == 429
    assert (await anonymous.post(path, content=in_pieces())).status_code == 403


@pytest.mark.parametrize(("path", "limits"), DOORS)
async def test_who_drips_gives_the_place_back(app, services, monkeypatch, path, limits):
    monkeypatch.setattr(senders, "BEGUN_S", 0.05)
    places = (limits.pieces_of_all, ""), (limits.pieces_of_network, "192.0.2.1")
    n_free: list[int] = []

    async def receive():
        if n_free:
            return await asyncio.Future()
        n_free.append(0)
        return {"type": "http.request", "body": b"a", "more_body": True}

    answers = []

    async def send(message):
        answers.append(message)

    headers = [(b"content-length", b"100"), (b"host", b"parley.test")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("192.0.2.1", 1), "server": ("parley.test", 80), "extensions": {},
    }  # fmt: skip
    await app(scope, receive, send)
    assert answers[0]["status"] == 408
    with services.slots.taken(*places, n=limits.pieces_of_network.most):
        pass
