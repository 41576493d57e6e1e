"""`parley migrate`: bring the database to the shape that this version needs."""

import argparse
import asyncio
from typing import Any

from parley.commands.command_database import read_settings, refusing
from parley.commands.output import CommandRefused, say


def add_to(commands: Any) -> None:
    parser = commands.add_parser("migrate", help="bring the database up to date; `serve` does this by itself")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Apply what is missing."""
    from parley.kernel.migrations.runner import upgrade_now

    with refusing():
        settings = read_settings()
        changed = upgrade_now(settings)
    say("The database has been migrated." if changed else "The database is up to date.")
    if settings.events_url is not None:
        asyncio.run(_make_tables(settings.events_url))
        say("ClickHouse has its tables.")
    return 0


async def _make_tables(url: str) -> None:
    from parley.kernel.clickhouse.client import ClickHouse
    from parley.kernel.clickhouse.errors import EventsAway
    from parley.people.clickhouse.actions.shipping import make_tables

    clickhouse = ClickHouse.open(url)
    try:
        await make_tables(clickhouse)
    except EventsAway as error:
        raise CommandRefused(error.reason) from error
    finally:
        await clickhouse.close()
