"""`parley migrate`: bring the database to the shape that this version needs."""

import argparse
from typing import Any

from parley.commands.opened import read_settings
from parley.commands.output import Refused, say


def add_to(commands: Any) -> None:
    parser = commands.add_parser("migrate", help="bring the database up to date; `serve` does this by itself")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Apply what is missing."""
    from parley.kernel.migrations import upgrade_now
    from parley.kernel.settings import SettingsError

    settings = read_settings()
    try:
        changed = upgrade_now(settings)
    except SettingsError as error:
        raise Refused(str(error)) from error
    except (OSError, TimeoutError) as error:
        raise Refused(f"PARLEY_DATABASE_URL: the database does not answer ({error}).") from error
    say("The database has been migrated." if changed else "The database is up to date.")
    return 0
