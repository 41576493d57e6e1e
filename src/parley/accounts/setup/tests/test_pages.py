"""The set-up page of a new server, tried on servers that nobody has an account on yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import and_, select

from parley.accounts.projects.queries.projects import project_by_id
from parley.accounts.setup.rules import setup_token
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.recordings.tables import recording
from parley.analytics.starter_dashboards.actions import STARTERS
from parley.conversations.ticket_list.queries.counters import n_by_status
from parley.conversations.tickets.tables import ticket
from parley.kernel.config.settings import Settings
from parley.kernel.http.middleware import Middleware
from parley.kernel.migrations.runner import upgrade
from parley.kernel.services import Services
from parley.main import create_app
from tests.parley_server import migrated_postgres_url, place_migrated_file
from tests.plain_browser import PlainBrowser

OWNER = {
    "first_name": "Ada",
    "email": "ada@example.com",
    "password": "an owner's long password",
    "organization": "Fern",
}


@asynccontextmanager
async def made_server(dialect: str, folder: Path) -> AsyncIterator[Middleware]:
    environment = {"PARLEY_DATA_DIR": str(folder), "PARLEY_SITE_URL": "http://parley.test"}
    if dialect == "postgresql":
        environment["PARLEY_DATABASE_URL"] = migrated_postgres_url()
    else:
        place_migrated_file(folder)
    settings = Settings.from_env(environment)
    await upgrade(settings)
    made = create_app(settings)
    yield made
    await made.app.state.services.database.close()


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def new_server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Middleware]:
    async with made_server(request.param, tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", params=["sqlite", "postgresql"])
async def bare_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Middleware]:
    """Give a server that stays without an owner: tests share it, and check at their end that it is as it was."""
    async with made_server(request.param, tmp_path_factory.mktemp("bare")) as made:
        yield made
        assert await project_by_id(services_of(made).database, 1) is None


def services_of(server: Middleware) -> Services:
    found: Services = server.app.state.services
    return found


@asynccontextmanager
async def opened_window(server: Middleware) -> AsyncIterator[PlainBrowser]:
    transport = httpx.ASGITransport(server)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        yield PlainBrowser(client)


@pytest_asyncio.fixture
async def window(new_server: Middleware) -> AsyncIterator[PlainBrowser]:
    async with opened_window(new_server) as made:
        yield made


@pytest_asyncio.fixture
async def bare_window(bare_server: Middleware) -> AsyncIterator[PlainBrowser]:
    async with opened_window(bare_server) as made:
        yield made


def link_of(server: Middleware) -> str:
    return f"/setup/{setup_token(services_of(server).vault)}"


async def test_the_first_owner_is_made_once(new_server: Middleware, window: PlainBrowser):
    await window.open(link_of(new_server))
    del window.page.one("input", name="demo").attributes["checked"]
    await window.press("Create my inbox", **OWNER, timezone="Europe/Lisbon")
    assert (window.status, window.path) == (200, "/inbox?welcome=1")
    made = await project_by_id(services_of(new_server).database, 1)
    assert made is not None and made.timezone == "Europe/Lisbon"
    assert "/demo" in [link["href"] for link in window.page.one("section", class_="inbox-list").all("a")]
    assert await n_by_status(services_of(new_server).database, 1) == dict.fromkeys(
        ("new", "open", "pending", "on_hold", "resolved"), 0
    )
    await window.press("Sign out")
    await window.open(link_of(new_server))
    assert window.path == "/login"


async def test_a_server_without_an_owner_says_where_the_link_is(bare_window: PlainBrowser):
    await bare_window.open("/")
    assert "/setup/" in bare_window.page.one("main").text
    await bare_window.open(f"/setup/{'0' * 64}")
    assert bare_window.status == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("password", "password"),
        ("organization", " "),
        ("project", "x" * 201),
        ("first_name", ""),
        ("timezone", "Mars/Base"),
    ],
)
async def test_a_bad_field_is_named_and_the_others_are_kept(bare_server, bare_window, field, value):
    await bare_window.open(link_of(bare_server))
    await bare_window.press("Create my inbox", **{**OWNER, field: value})
    assert bare_window.status == 422
    at_fault = bare_window.page.one("input", name=field)
    assert at_fault["aria-invalid"] == "true"
    assert bare_window.page.one(id=at_fault["aria-describedby"].split()[0]).text
    if field != "email":
        assert bare_window.page.one("input", name="email")["value"] == OWNER["email"]


@pytest.mark.slow
async def test_the_demo_data_is_a_believable_project(new_server: Middleware, window: PlainBrowser):
    await window.open(link_of(new_server))
    await window.press("Create my inbox", **OWNER)
    await new_server.app.state.queue.drain()
    counts = await n_by_status(services_of(new_server).database, 1)
    assert sum(counts.values()) == 200 and all(counts.values())
    await window.open("/inbox?status=all")
    rows = window.page.all("a", class_="row")
    assert len(rows) == 50
    assert len({row.text for row in rows}) > 40
    await window.open(rows[0]["href"])
    people = window.page.one("select", id="assignee").texts("option")
    assert len(people) == 6 and "Maya Lindholm" in people
    async with services_of(new_server).database.transaction(write=False) as db:
        same = and_(
            ticket.c.session_id == recording.c.session_id, ticket.c.distinct_id == recording.c.distinct_id
        )
        during = ticket.c.created_at.between(recording.c.start_at, recording.c.end_at)
        recorded = (await db.execute(select(recording.c.n_blocks).join(ticket, and_(same, during)))).scalars()
        assert list(recorded) == [24, 24]
    await check_starter_tiles(services_of(new_server))


async def check_starter_tiles(services: Services) -> None:
    """Fail where a starter tile would show an empty chart."""
    project = await project_by_id(services.database, 1)
    assert project is not None
    for tile in (tile for starter in STARTERS for tile in starter.tiles):
        answer = await run_insight(services, project, tile.query, "force_blocking")
        chart = chart_of(tile.query, answer.rows, title=tile.name)
        assert not chart.is_empty, (tile.name, answer.rows)
