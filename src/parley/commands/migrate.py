"""`parley migrate`: bring the database to the shape that this version needs."""

import argparse
from typing import Any

from parley.commands.command_database import read_settings, refusing
from parley.commands.output import say


def add_to(commands: Any) -> None:
    parser = commands.add_parser("migrate", help="bring the database up to date; `serve` does this by itself")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Apply what is missing."""
    from parley.kernel.migrations.runner import upgrade_now

    with refusing():
        changed = upgrade_now(read_settings())
    say("The database has been migrated." if changed else "The database is up to date.")
    return 0
