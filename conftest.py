"""Fixtures of the whole suite. Every test that asks for one of them runs on SQLite and on PostgreSQL with Redis."""

import email
import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from email.policy import default as mail_policy
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import delete

from parley.kernel.config.settings import Settings
from parley.kernel.database.database import Database
from parley.kernel.http.middleware import Middleware
from parley.kernel.ids import new_token
from parley.kernel.jobs import Queue
from parley.kernel.jobs.tables import outbox
from parley.kernel.logs import set_up_logs
from parley.kernel.migrations.runner import upgrade
from parley.kernel.network.dns import DnsResolver
from parley.kernel.services import Services
from parley.kernel.throttle import Throttles
from parley.main import create_app
from tests import servers
from tests.cast import Cast, Member, MovableClock, TestProject
from tests.dns_server import dns_server
from tests.effort import register_profiles
from tests.encrypted_columns import check_all_encrypted_columns_are_marked
from tests.limited import close_limited_apps
from tests.parley_server import migrated_postgres_url, place_migrated_file
from tests.server_fixtures import postgres_url, redis_url, stoppable_postgres, stoppable_redis

__all__ = ["postgres_url", "redis_url", "stoppable_postgres", "stoppable_redis"]

register_profiles()

# As the server logs. The default of structlog draws tracebacks with all their values, which takes seconds each.
set_up_logs()

# Whatever the environment says: Python keeps what it has compiled, else each run compiles all tests anew, and each program
# that they start the whole of Parley.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is imported and collected lives as long as the run. Looking through it for garbage would take a sixth of the time.
gc.disable()

SECRET_KEY = "a secret key that is only good for tests, and long"


def pytest_collection_finish() -> None:
    """Collect garbage from now on, but seldom: little of it is in cycles, and much lives as long as the run."""
    gc.freeze()
    gc.set_threshold(100_000, 10, 200)
    gc.enable()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the application under test, once for each database."""
    environment = {
        "PARLEY_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "PARLEY_SECRET_KEY": SECRET_KEY,
        "PARLEY_SITE_URL": "http://parley.test",
        "PARLEY_RATE_LIMITS": "off",  # hundreds of people come from one address here
    }
    if request.param == "postgresql":
        environment |= {
            "PARLEY_DATABASE_URL": migrated_postgres_url(),
            "PARLEY_REDIS_URL": servers.redis_url(),
        }
    else:
        place_migrated_file(Path(environment["PARLEY_DATA_DIR"]))
    return Settings.from_env(environment)


@pytest.fixture(scope="session")
def session_clock() -> MovableClock:
    return MovableClock()


@pytest_asyncio.fixture(scope="session")
async def app(settings: Settings, session_clock: MovableClock) -> AsyncIterator[Middleware]:
    """The application on a migrated database, with live updates but without the relay: tests call `queue.drain()`."""
    await upgrade(settings)
    made = create_app(settings, session_clock)
    services: Services = made.app.state.services
    await services.live.start()
    async with dns_server() as nobody:  # whoever has something published makes a server of their own
        services.dns = DnsResolver(nobody.address)
        yield made
    await check_all_encrypted_columns_are_marked(services.database)
    await close_limited_apps()
    await services.kept_open.close()
    await services.live.stop()
    await services.cache.close()
    await services.database.close()


@pytest.fixture
def clock(session_clock: MovableClock) -> Iterator[MovableClock]:
    """The application's clock; it runs with real time until a test moves or freezes it."""
    yield session_clock
    session_clock.reset()


@pytest.fixture
def services(app: Middleware, clock: MovableClock) -> Services:
    found: Services = app.app.state.services
    # All tests come from one address; under a secret of its own none counts what others did.
    found.throttles = Throttles(found.cache, clock, new_token())
    return found


@pytest.fixture
def database(services: Services) -> Database:
    return services.database


@pytest.fixture
def queue(app: Middleware, services: Services) -> Queue:
    """Background work; `await queue.drain()` does everything that is due."""
    found: Queue = app.app.state.queue
    return found


@pytest_asyncio.fixture
async def cast(request: pytest.FixtureRequest, app: Middleware, services: Services) -> AsyncIterator[Cast]:
    """A fresh organization with its people, and another one, for one test."""
    if "queue" in request.fixturenames:
        # Else `queue.drain()` would first do what hundreds of tests have left to do for nobody.
        async with services.database.transaction() as db:
            await db.execute(delete(outbox))
    made = Cast(app, services)
    await made.enter()
    yield made
    await made.leave()


@pytest.fixture
def alice(cast: Cast) -> Member:
    """Owns the organization."""
    return cast.alice


@pytest.fixture
def bob(cast: Cast) -> Member:
    """A member of alice's organization."""
    return cast.bob


@pytest.fixture
def mallory(cast: Cast) -> Member:
    """Owns another organization, and must never see anything of alice's."""
    return cast.mallory


@pytest.fixture
def project(cast: Cast) -> TestProject:
    """Alice's project, conversations and widget on."""
    return cast.project


@pytest.fixture
def api(cast: Cast) -> httpx.AsyncClient:
    """Alice's client, with a personal API key of scope `*`."""
    return cast.alice.client


@pytest.fixture
def anonymous(cast: Cast) -> httpx.AsyncClient:
    """A client without credentials."""
    return cast.anonymous


@pytest.fixture
def sent_mail(settings: Settings) -> Iterator[list[EmailMessage]]:
    """Mails sent during the test, read when looked at."""
    folder = settings.data_dir / "mail"
    for file in folder.glob("*.eml"):
        file.unlink()
    yield _Mails(folder)


class _Mails(list[EmailMessage]):
    """The mails in a folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _read(self) -> list[EmailMessage]:
        files = sorted(self._folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=mail_policy) for file in files]

    def clear(self) -> None:
        """Forget the mails so far."""
        for file in self._folder.glob("*.eml"):
            file.unlink()

    def __iter__(self) -> Iterator[EmailMessage]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __getitem__(self, index):
        return self._read()[index]
