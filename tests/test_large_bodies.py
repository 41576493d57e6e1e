"""Clients that send more than a route takes get the answer that says so, over a real connection."""

import gzip
import os
from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from tests.parley_server import ParleyServer

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParleyServer]:
    made = ParleyServer(tmp_path_factory.mktemp("server"), {})
    made.start()
    yield made
    made.stop()


PATHS = ["/e/", "/batch/", "/flags/", "/api/login/", "/api/reset/"]


@pytest.mark.parametrize(
    ("path", "size"), [*product(PATHS, (3 * MEGABYTE, 20 * MEGABYTE)), ("/s/", 20 * MEGABYTE)]
)
async def test_a_client_that_sends_too_much_gets_the_answer(
    server: ParleyServer, path: str, size: int
) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.post(path, content=os.urandom(MEGABYTE) * (size // MEGABYTE))
        assert answer.status_code == 413
        # And the connection is still good.
        assert (await client.get("/_health")).status_code == 200


def test_a_small_body_that_inflates_to_too_much_is_answered_the_same(server: ParleyServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        for path in ("/e/", "/flags/"):
            answer = client.post(path, content=gzip.compress(b"[" + b" " * 20 * MEGABYTE))
            assert (answer.status_code, answer.text) == (413, "length limit exceeded")
