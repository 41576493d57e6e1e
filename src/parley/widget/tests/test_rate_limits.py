"""The budgets of visitors, where the settings ask for them."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from parley.kernel.settings import Settings
from parley.main import create_app
from parley.widget import access
from parley.widget.tests.visitor import Browser
from tests.cast import TestProject


@pytest_asyncio.fixture
async def limited(settings: Settings, app, project: TestProject) -> AsyncIterator[Browser]:
    """A visitor of an application with rate limits on."""
    made = create_app(msgspec.structs.replace(settings, rate_limits=True))
    transport = httpx.ASGITransport(made)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        yield Browser(client, project)
    await made.app.state.services.cache.close()
    await made.app.state.services.database.close()


async def test_a_session_sends_thirty_times_a_minute(limited: Browser):
    ticket_id = await limited.opened()
    for _ in range(29):
        assert (await limited.send("", ticket_id=ticket_id)).status_code == 400  # refused ones count as well
    answer = await limited.send(ticket_id=ticket_id)
    assert answer.status_code == 429
    assert list(answer.json()) == ["error"]
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert (await limited.thread(ticket_id)).status_code == 200  # reading has a budget of its own
    limited.credentials = {"widget_session_id": str(uuid4())}
    assert (await limited.send()).status_code == 200  # and so has everybody else


async def test_a_caller_without_a_session_is_counted_by_address(limited: Browser):
    limited.credentials = {}
    for n in range(access.PER_CALLER):
        limited.credentials = {"widget_session_id": f"made up {n}"}
        assert (await limited.tickets()).status_code == 400
    assert (await limited.tickets()).status_code == 429


async def test_identified_callers_behind_one_address_have_a_budget_each(limited: Browser):
    for name in ("ada", "grace"):
        visitor = Browser(limited.client, limited.project, identity=name)
        for _ in range(access.PER_CALLER):
            assert (await visitor.tickets()).status_code == 200
        assert (await visitor.tickets()).status_code == 429


async def test_a_token_has_a_budget_that_all_callers_share(limited: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access, "PER_TOKEN", 3)
    for status in (200, 200, 200, 429):
        limited.credentials = {"widget_session_id": str(uuid4())}
        assert (await limited.tickets()).status_code == status


async def test_without_the_setting_nobody_is_counted(browser: Browser):
    for _ in range(access.PER_CALLER + 5):
        assert (await browser.tickets()).status_code == 200
