"""`parley doctor`: does everything that Parley needs answer?"""

import argparse
import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from parley.commands.opened import read_settings
from parley.commands.output import Refused, say
from parley.kernel.settings import Settings

if TYPE_CHECKING:
    from parley.kernel.db import Db

PATIENCE_S = 10
MIN_FREE_BYTES = 200 * 1024 * 1024


class Sick(Exception):
    """A check failed; the text says how, and what to do."""


def add_to(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="check the settings and every service that they name")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print a sentence for each check; 1 when one fails."""
    try:
        settings = read_settings()
    except Refused as refusal:
        say(f"FAILED  {refusal}")
        return 1
    say("ok      The settings can be read.")
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> int:
    failures = 0
    async for sentence, is_well in _findings(settings):
        say(f"{'ok    ' if is_well else 'FAILED'}  {sentence}")
        failures += not is_well
    say("Everything is well." if not failures else f"{failures} of the checks failed.")
    return 1 if failures else 0


async def _findings(settings: Settings) -> AsyncIterator[tuple[str, bool]]:
    for check in (_data_folder, _database, _redis, _mail, _address, _assets):
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield await check(settings), True
        except Sick as finding:
            yield str(finding), False
        except TimeoutError:
            yield f"{CHECKED[check]} did not answer within {PATIENCE_S} s.", False


async def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Sick(f"The data folder {folder} cannot be written to.")
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise Sick(f"The disk of the data folder {folder} has only {free // 2**20} MiB left.")
    key_file = folder / "secret_key"
    if key_file.exists() and key_file.stat().st_mode & 0o077:
        raise Sick(f"Others can read {key_file}: run chmod 600 on it.")
    return f"The data folder {folder} can be written to, and {free // 2**30} GiB are free."


async def _database(settings: Settings) -> str:
    from sqlalchemy import text

    from parley.kernel.db import Database
    from parley.kernel.errors import Unavailable
    from parley.kernel.migrations import newest

    name = "SQLite" if settings.is_sqlite else f"PostgreSQL at {_place(settings.database_url)}"
    if settings.is_sqlite and not _sqlite_file(settings).exists():
        return "SQLite has no database yet; `parley serve` will make it."
    database = Database.open(settings.database_url)
    version = text("SELECT sqlite_version()" if settings.is_sqlite else "SHOW server_version")
    try:
        async with database.transaction(write=False) as db:
            number = (await db.execute(version)).scalar_one()
            current = await _schema(db)
    except (Unavailable, OSError) as error:
        cause = error.__cause__ or error
        raise Sick(
            f"{name} does not answer: {str(cause).splitlines()[0] if str(cause) else cause!r}."
        ) from error
    finally:
        await database.close()
    state = "up to date" if current == newest() else "not up to date; `parley migrate` updates it"
    return f"{name} {number} answers, and the schema is {state}."


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


async def _schema(db: "Db") -> str | None:
    from sqlalchemy import inspect, text

    if not await db.connection.run_sync(lambda connection: inspect(connection).has_table("alembic_version")):
        return None
    found = await db.execute(text("SELECT version_num FROM alembic_version"))
    revision: str | None = found.scalar_one_or_none()
    return revision


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


async def _redis(settings: Settings) -> str:
    if settings.redis_url is None:
        return "Redis is not used; cache and live updates stay in this process."
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(settings.redis_url, socket_connect_timeout=PATIENCE_S)
    try:
        found = await client.info("server")
    except (RedisError, OSError) as error:
        raise Sick(f"Redis does not answer: {error}.") from error
    finally:
        await client.aclose()
    return f"Redis {found.get('redis_version', '')} answers."


async def _mail(settings: Settings) -> str:
    if settings.smtp_url is None:
        return f"No mail server is set; mails are written to {settings.data_dir / 'mail'}."
    from aiosmtplib import SMTP, SMTPException

    parts = urlsplit(settings.smtp_url)
    is_tls = parts.scheme == "smtps"
    host, port = parts.hostname or "localhost", parts.port or (465 if is_tls else 25)
    try:
        async with SMTP(hostname=host, port=port, use_tls=is_tls, timeout=PATIENCE_S):
            return f"The mail server {host}:{port} answers."
    except (SMTPException, OSError) as error:
        raise Sick(f"The mail server {host}:{port} does not answer: {error}.") from error


async def _address(settings: Settings) -> str:
    is_https = settings.site_url.startswith("https:")
    if is_https and not settings.trusted_proxies:
        return (
            f"Links begin with {settings.site_url}. If a proxy ends HTTPS there, name it in "
            "PARLEY_TRUSTED_PROXIES: cookies are not marked Secure otherwise."
        )
    return f"Links begin with {settings.site_url}."


async def _assets(_: Settings) -> str:
    import parley

    root = Path(parley.__file__).parent
    missing = [
        name for name in ("web/static/app.css", "widget/static/array.js") if not (root / name).exists()
    ]
    if missing:
        raise Sick(f"The file {missing[0]} of the web assets is missing: run `make assets`.")
    return "The web assets are there."


CHECKED: dict[Callable[[Settings], Awaitable[str]], str] = {
    _data_folder: "The data folder",
    _database: "The database",
    _redis: "Redis",
    _mail: "The mail server",
    _address: "The site address",
    _assets: "The web assets",
}
