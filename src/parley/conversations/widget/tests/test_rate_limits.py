"""The budgets of visitors: for each address, each session, and all of a project together."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import uuid4

import pytest
import pytest_asyncio

from parley.conversations.widget import access
from parley.conversations.widget.routes import conversation, remote_config
from parley.conversations.widget.tests.visitor import Browser
from parley.kernel.config.settings import Settings
from parley.kernel.http.middleware import Middleware
from parley.kernel.throttle import Limit
from tests.cast import TestProject
from tests.limited import client_at, limited_app

A_MINUTE = 30


@pytest_asyncio.fixture
async def public_app(settings: Settings, app) -> AsyncIterator[Middleware]:
    """The application as it is without any setting: what needs no key is limited."""
    async with limited_app(settings) as made:
        yield made


def browser_at(app: Middleware, address: str, project: TestProject) -> Browser:
    return Browser(client_at(app, address), project)


@pytest_asyncio.fixture
async def limited(public_app: Middleware, project: TestProject) -> AsyncIterator[Browser]:
    """A visitor from an address of their own."""
    made = browser_at(public_app, "192.0.2.1", project)
    async with made.client:
        yield made


def with_project_limit(monkeypatch: pytest.MonkeyPatch, kind: Literal["read", "write"], most: int) -> None:
    of_caller, of_project = access.LIMITS[kind]
    smaller = Limit(f"{of_project.name}-{uuid4()}", most, of_project.window_s)
    monkeypatch.setitem(access.LIMITS, kind, (of_caller, smaller))


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
    for n in range(A_MINUTE):
        limited.credentials = {"widget_session_id": f"made up {n}"}
        assert (await limited.tickets()).status_code == 400
    assert (await limited.tickets()).status_code == 429


async def test_identified_callers_behind_one_address_have_a_budget_each(limited: Browser):
    for name in ("ada", "grace"):
        visitor = Browser(limited.client, limited.project, identity=name)
        for _ in range(A_MINUTE):
            assert (await visitor.tickets()).status_code == 200
        assert (await visitor.tickets()).status_code == 429


async def test_a_project_has_a_budget_that_all_callers_share(
    limited: Browser, monkeypatch: pytest.MonkeyPatch
):
    with_project_limit(monkeypatch, "read", 3)
    for status in (200, 200, 200, 429):
        limited.credentials = {"widget_session_id": str(uuid4())}
        assert (await limited.tickets()).status_code == status


@pytest.mark.parametrize(
    "refused",
    [
        {"_hp": "I fill in everything"},
        {"message": ""},
        {"traits": "no mapping"},
        {"ticket_id": "0196f3a0-0000-7000-8000-000000000001"},
        {"identity_distinct_id": "ada", "identity_hash": "0" * 64},
    ],
    ids=["honeypot", "blank", "bad field", "unknown ticket", "forged identity"],
)
async def test_refused_requests_take_nothing_from_the_shared_budget(
    public_app: Middleware, limited: Browser, project: TestProject, monkeypatch: pytest.MonkeyPatch, refused
):
    with_project_limit(monkeypatch, "write", 3)
    for _ in range(5):
        limited.credentials = {"widget_session_id": str(uuid4())}
        assert (await limited.send(**refused)).status_code in (400, 403, 404)
    other = browser_at(public_app, "198.51.100.7", project)
    async with other.client:
        assert [(await other.send()).status_code for _ in range(4)] == [200, 200, 200, 429]


async def test_an_address_is_refused_before_it_is_looked_at_and_others_are_not(
    public_app: Middleware, limited: Browser, project: TestProject
):
    most = access.WRITE_ADDRESS[0].most
    statuses = []
    for _ in range(most + 5):
        limited.credentials = {"widget_session_id": str(uuid4())}
        statuses.append((await limited.send(_hp="x")).status_code)
    assert statuses == [400] * most + [429] * 5
    wrong_token = {"X-Conversations-Token": "wrong"}
    refused = await limited.client.post(f"{conversation.PREFIX}/message", headers=wrong_token, json={})
    assert (refused.status_code, list(refused.json())) == (429, ["error"])
    other = browser_at(public_app, "198.51.100.7", project)
    async with other.client:
        assert (await other.send()).status_code == 200


async def test_wrong_tokens_are_counted_for_their_address(limited: Browser):
    most = access.READ_ADDRESS[0].most
    path, headers = f"{conversation.PREFIX}/tickets", {"X-Conversations-Token": "wrong"}
    for _ in range(most):
        assert (await limited.client.get(path, headers=headers)).status_code == 403
    assert (await limited.client.get(path, headers=headers)).status_code == 429


async def test_switched_off_nobody_is_counted(browser: Browser):
    for _ in range(A_MINUTE + 5):
        assert (await browser.tickets()).status_code == 200


@pytest.mark.parametrize("name", ["config", "config.js"])
async def test_configuration_is_limited_for_each_address(public_app, project, name):
    path = f"/array/{project.api_token}/{name}"
    (limit,) = remote_config.counted.limits  # type: ignore[attr-defined]
    for _ in range(limit.most - 1):
        await public_app.app.state.services.throttles.hit((limit, "192.0.2.1"))
    async with client_at(public_app, "192.0.2.1") as client, client_at(public_app, "192.0.2.2") as other:
        assert (await client.get(path)).status_code == 200
        assert (await client.get(path)).status_code == 429
        assert (await other.get(path)).status_code == 200
