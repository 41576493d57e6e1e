"""The servers of `tests/servers.py` as fixtures; `tests/conftest.py` imports them by name."""

from collections.abc import Iterator

import pytest

from tests import servers


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Give this worker's own PostgreSQL database, empty at the start of the run."""
    return servers.postgres_url()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Give this worker's own Redis."""
    return servers.redis_url()


@pytest.fixture
def stoppable_redis() -> Iterator[servers.Redis]:
    """Give a Redis that the test may stop and start."""
    server = servers.start_redis()
    yield server
    server.remove()


@pytest.fixture
def stoppable_postgres() -> Iterator[servers.Postgres]:
    """Give a PostgreSQL that the test may stop and start."""
    server = servers.start_postgres()
    yield server
    server.remove()
