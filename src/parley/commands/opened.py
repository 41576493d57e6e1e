"""The database for a command: settings read, schema up to date, one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from parley.commands.output import Refused
from parley.kernel.settings import Settings, SettingsError

if TYPE_CHECKING:
    from parley.kernel.db import Db
    from parley.kernel.dependencies import Services

R = TypeVar("R")


def read_settings() -> Settings:
    """Return the settings of the environment; raises Refused with the sentence that names a bad one."""
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise Refused(str(error)) from error


@asynccontextmanager
async def opened_services(settings: Settings) -> AsyncIterator["Services"]:
    """Bring the database up to date and yield services on it; closes them at the end."""
    from parley.kernel.migrations import upgrade
    from parley.main import make_services

    await upgrade(settings)
    services = make_services(settings)
    try:
        yield services
    finally:
        await services.cache.close()
        await services.database.close()


def run_in_transaction(do: "Callable[[Db, Services], Awaitable[R]]") -> R:
    """Run a function in one transaction, whether or not a server runs beside; its refusals become Refused."""
    from parley.kernel.errors import AppError

    async def work() -> R:
        async with opened_services(read_settings()) as services, services.database.transaction() as db:
            return await do(db, services)

    try:
        return asyncio.run(work())
    except AppError as error:
        raise Refused(error.detail) from error
    except SettingsError as error:
        raise Refused(str(error)) from error
    except (OSError, TimeoutError) as error:
        raise Refused(f"PARLEY_DATABASE_URL: the database does not answer ({error}).") from error
