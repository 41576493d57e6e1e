"""Calls to a service that is slow, endless or elsewhere: bounded, and nobody else waits."""

import asyncio

import pytest
import pytest_asyncio

from parley.integrations.connections.errors import UpstreamFailed, UpstreamRefused
from parley.integrations.connections.upstream import (
    OF_PROJECT,
    Upstream,
    UpstreamRequest,
    calls_to,
)
from parley.kernel.errors import Throttled
from tests.receiver import answers, flood, hang, receiving, trickle

ANSWERS = {"/slow": hang, "/endless": flood, "/trickle": trickle, "/no": answers(418, b'{"why": "tea"}')}


@pytest_asyncio.fixture
async def receiver():
    async with receiving() as made:

        async def respond(writer, request):
            await ANSWERS.get(request.path, answers(200, b"{}"))(writer, request)

        made.respond = respond
        yield made


@pytest.fixture
def call(services, receiver):
    """Call the service for a project."""

    async def called(path, project_id=1, **more):
        upstream = Upstream("The Post", f"http://{receiver.host}:{receiver.port}")
        async with calls_to(services, upstream, project_id) as calls:
            return await calls.send(UpstreamRequest(path=path, **{"timeout_s": 5, **more}))

    return called


@pytest.mark.parametrize("path", ["/slow", "/endless", "/trickle"])
async def test_an_answer_that_does_not_end_is_cut(call, path):
    with pytest.raises(UpstreamFailed, match="The Post"):
        await call(path, project_id=len(path), timeout_s=0.5)


async def test_who_has_too_many_calls_under_way_is_refused_and_others_are_not(call, receiver):
    are_under_way, n = asyncio.Event(), 0

    async def respond(writer, request):
        nonlocal n
        if request.path == "/fast":
            await answers(200, b"{}")(writer, request)
            return
        n += 1
        if n == OF_PROJECT.most:
            are_under_way.set()
        await hang(writer, request)

    receiver.respond = respond
    hanging = [asyncio.ensure_future(call("/slow", 2, timeout_s=60)) for _ in range(OF_PROJECT.most)]
    await are_under_way.wait()
    with pytest.raises(Throttled):
        await call("/fast", 2)
    assert (await call("/fast", 3)).status == 200
    for one in hanging:
        one.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    assert (await call("/fast", 2)).status == 200


async def test_what_the_service_says_is_kept_for_those_who_know_it_and_not_shown(call):
    with pytest.raises(UpstreamRefused) as refused:
        await call("/no", 4)
    assert refused.value.upstream_status == 418 and b"tea" in refused.value.upstream_body
    assert "tea" not in str(refused.value.body())


@pytest.mark.parametrize("path", ["@evil.example/", ".evil.example/", "1/", ":1/", "\\@evil.example", " /"])
async def test_no_path_leads_to_another_host(call, receiver, path):
    with pytest.raises(UpstreamFailed):
        await call(path, 5)
    assert not receiver.received
