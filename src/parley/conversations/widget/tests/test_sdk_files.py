"""The SDK's scripts under every name that it asks for."""

import gzip

import httpx
import pytest

from parley.conversations.widget import sdk


@pytest.mark.parametrize("name", ["array.js", "conversations.js", "recorder.js"])
async def test_a_script_is_open_to_every_site(anonymous: httpx.AsyncClient, name: str):
    answer = await anonymous.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.content == (sdk.FOLDER / name).read_bytes()


async def test_a_script_is_sent_compressed_to_those_who_take_it(anonymous: httpx.AsyncClient):
    plain = await anonymous.get("/static/array.js", headers={"Accept-Encoding": "identity"})
    packed = await anonymous.get("/static/array.js", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) == len((sdk.FOLDER / "array.js.gz").read_bytes())
    assert gzip.decompress((sdk.FOLDER / "array.js.gz").read_bytes()) == plain.content


async def test_an_unchanged_script_is_not_sent_again(anonymous: httpx.AsyncClient):
    first = await anonymous.get("/static/array.js")
    again = await anonymous.get("/static/array.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_versioned_name_may_be_kept_for_ever_and_the_plain_one_may_not(
    anonymous: httpx.AsyncClient,
):
    versioned = await anonymous.get(f"/static/{sdk.version()}/conversations.js")
    plain = await anonymous.get("/static/conversations.js?v=1.2.3")
    other = await anonymous.get("/static/1.2.3/conversations.js")
    assert "immutable" in versioned.headers["cache-control"]
    assert versioned.content == plain.content == other.content
    assert plain.headers["cache-control"] == other.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.js",
        "/static/version.txt",
        "/static/LICENSE",
        "/static/array.js.gz",
        "/static/..%2Fsdk.py",
        "/static/%2e%2e%2f%2e%2e%2fmain.py",
        "/static/1.0.0/..%2f..%2fmain.py",
        "/static/..%5csdk.py",
        "/static/%00",
        "/static/nope/array.js",
        "/static/array.js%00",
    ],
)
async def test_nothing_else_is_ever_sent(anonymous: httpx.AsyncClient, path: str):
    assert (await anonymous.get(path)).status_code == 404
