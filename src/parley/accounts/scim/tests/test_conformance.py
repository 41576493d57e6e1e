"""The endpoint as scim2-tester sees it, over HTTP."""

import asyncio

import pytest

from tests.serving import serving


@pytest.fixture
async def port(app):
    """The port of a real server in this process."""
    async with serving(app) as found:
        yield found


async def test_no_check_of_scim2_tester_fails(port, acme):
    from parley.accounts.scim.tests.scim2_check import Status, checked

    results = await asyncio.to_thread(checked, port, acme)
    bad = [(one.title, one.reason) for one in results if one.status in (Status.ERROR, Status.CRITICAL)]
    assert not bad, bad
    assert sum(one.status is Status.SUCCESS for one in results) > 40
