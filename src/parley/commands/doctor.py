"""`parley doctor`: does everything that Parley needs answer?"""

import argparse
import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from parley.commands.command_database import read_settings
from parley.commands.doctor_checks import (
    PATIENCE_S,
    Sick,
    Skipped,
    background_work,
    connections,
    events,
    incoming_mail,
    mail_server,
    name_server,
    redis,
    storage,
    stored_secrets,
)
from parley.commands.output import CommandRefused, say
from parley.kernel.config.data_folder import loose
from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError
from parley.kernel.database.url import is_sqlite, place_of, sqlite_file

MIB = 1024 * 1024
MIN_FREE_BYTES = 200 * MIB
OK, FAILED, SKIPPED = "ok", "FAILED", "skipped"


def add_to(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="check the settings and every service that they name")
    parser.add_argument(
        "--ddl", action="store_true", help="print the tables that ClickHouse gets, and check nothing"
    )
    parser.add_argument("--cluster", metavar="NAME", help="with --ddl: as they are on a cluster of this name")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Print a sentence for each check; 1 when one fails."""
    from parley.kernel.logs import silenced_logs

    if asked.ddl:
        return _print_tables(asked.cluster)

    try:
        settings = read_settings(may_write=False)
    except CommandRefused as refusal:
        say(f"FAILED  {refusal}")
        return 1
    say("ok      The settings can be read.")
    with silenced_logs():  # what is wrong is said in the sentences
        return asyncio.run(_examine(settings))


def _print_tables(cluster: str | None) -> int:
    """Print the statements that make the tables in ClickHouse, of the settings or of a database `parley`."""
    from parley.kernel.network.clickhouse_server import NAME, clickhouse_server_of
    from parley.people.clickhouse.definitions import statements

    url = read_settings(may_write=False).events_url
    server = clickhouse_server_of(url) if url else None
    cluster = cluster or (server.cluster if server else None)
    if cluster is not None and not NAME.fullmatch(cluster):
        raise CommandRefused("The name of a cluster has letters, digits and underscores.")
    for statement in statements(server.database if server else "parley", cluster):
        say(f"{statement};\n")
    return 0


async def _examine(settings: Settings) -> int:
    failures = 0
    async for sentence, outcome in _findings(settings):
        say(f"{outcome:7} {sentence}")
        failures += outcome == FAILED
    say("Everything is well." if not failures else f"{failures} of the checks failed.")
    return 1 if failures else 0


async def _findings(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    for check in CHECKED:
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield await check(settings), OK
        except Sick as finding:
            yield str(finding), FAILED
        except Skipped as reason:
            yield str(reason), SKIPPED
        except TimeoutError:
            yield f"{CHECKED[check]} did not answer within {PATIENCE_S} s.", FAILED


async def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise Sick(f"The disk of the data folder {folder} has only {free // MIB} MiB left: make room.")
    if open_to_others := loose(folder, settings.database_url):
        raise Sick(f"Others can read {open_to_others[0]}: run `chmod go-rwx` on it, as its owner.")
    for file in sorted(folder.glob("*.sqlite3")):
        if not is_sqlite(file):
            raise Sick(f"{file} is no database of SQLite: restore a backup, or take it away.")
    return f"The data folder {folder} can be written to, and {free // MIB} MiB are free."


async def _database(settings: Settings) -> str:
    from sqlalchemy import text
    from sqlalchemy.engine import Connection

    from parley.kernel.migrations.revisions import newest
    from parley.kernel.migrations.runner import check_is_known, current, with_connection

    name = "SQLite" if settings.is_sqlite else f"PostgreSQL at {place_of(settings.database_url)}"
    if settings.is_sqlite and not sqlite_file(settings.database_url).exists():
        return "SQLite has no database yet; `parley serve` will make it."
    version = text("SELECT sqlite_version()" if settings.is_sqlite else "SHOW server_version")

    def ask(connection: Connection) -> tuple[str, str | None]:
        revision = current(connection)
        check_is_known(revision)
        return connection.execute(version).scalar_one(), revision

    try:
        number, revision = await with_connection(settings.database_url, ask)
    except SettingsError as error:
        raise Sick(f"{name} can't be used. {error}") from error
    state = "up to date" if revision == newest() else "not up to date; `parley migrate` updates it"
    return f"{name} {number} answers, and the schema is {state}."


async def _address(settings: Settings) -> str:
    is_https = settings.site_url.startswith("https:")
    if is_https and not settings.trusted_proxies:
        return (
            f"Links begin with {settings.site_url}. If a proxy ends HTTPS there, name it in "
            "PARLEY_TRUSTED_PROXIES: all people share one address otherwise, and the limits of one."
        )
    return f"Links begin with {settings.site_url}."


async def _assets(_: Settings) -> str:
    import parley

    root = Path(parley.__file__).parent
    missing = [
        name
        for name in ("web/static/app.css", "conversations/widget/static/array.js")
        if not (root / name).exists()
    ]
    if missing:
        raise Sick(f"The file {missing[0]} of the web assets is missing: run `make assets`.")
    return "The web assets are there."


CHECKED: dict[Callable[[Settings], Awaitable[str]], str] = {
    _data_folder: "The data folder",
    _database: "The database",
    stored_secrets: "The database",
    background_work: "The database",
    connections: "The database",
    events: "ClickHouse",
    redis: "Redis",
    storage: "The storage of files",
    mail_server: "The mail server",
    incoming_mail: "The SMTP door",
    name_server: "The DNS",
    _address: "The site address",
    _assets: "The web assets",
}
