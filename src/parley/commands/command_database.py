"""The database for a command: settings read, schema up to date, one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar

from parley.commands.output import CommandRefused
from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError

if TYPE_CHECKING:
    from parley.kernel.database.transaction import Db
    from parley.kernel.services import Services

R = TypeVar("R")


def read_settings(*, may_write: bool = True) -> Settings:
    """Return the settings of the environment; raises CommandRefused with the sentence that names a bad one."""
    with refusing():
        return Settings.from_env(may_write=may_write)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn bad settings, refusals of features and a database that can't be used into CommandRefused, with a sentence."""
    from parley.kernel.errors import AppError

    try:
        yield
    except SettingsError as error:
        raise CommandRefused(str(error)) from error
    except AppError as error:
        raise CommandRefused(error.detail) from error


@asynccontextmanager
async def opened_services(settings: Settings) -> AsyncIterator["Services"]:
    """Bring the database up to date and yield services on it; closes them at the end.

    Raises SettingsError for a fault of the database.
    """
    from parley.kernel.database.error_sentences import explained
    from parley.kernel.errors import Unavailable
    from parley.kernel.migrations.runner import upgrade
    from parley.kernel.services import open_services

    await upgrade(settings)
    services = open_services(settings)
    try:
        yield services
    except Unavailable as error:
        sentence = explained(error, settings.database_url)
        raise SettingsError(sentence or error.detail) from error
    finally:
        await services.cache.close()
        await services.database.close()


def run_in_transaction(do: "Callable[[Db, Services], Awaitable[R]]") -> R:
    """Run a function in one transaction, whether or not a server runs beside; its refusals become CommandRefused."""

    async def work() -> R:
        async with opened_services(read_settings()) as services, services.database.transaction() as db:
            return await do(db, services)

    with refusing():
        return asyncio.run(work())
