"""Migrates copies of a SQLite database, each killed before another of its changes, spread over all of them.

Usage: python -m tests.killed_migrations DATABASE FOLDER KILLS. A migration of all revisions has hundreds of changes and
takes seconds, so not each of them is a killed one. The copies stay in the folder under the number of the change; `done`
was migrated to its end. It forks, so that the program is imported once.
"""

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from parley.kernel.config.settings import Settings
from parley.kernel.migrations.runner import upgrade_now
from parley.kernel.migrations.safety import schemas

READING = ("SELECT", "PRAGMA")


def main(database: Path, folder: Path, kills: int) -> None:
    """Return once all are done; fails where a migration that was to be killed came to its end."""
    schemas("0001")  # once for all children
    changes = folder / "changes"
    if _status(database, folder / "done", before=None, changes=changes) != 0:
        sys.exit("The migration failed.")
    n_changes = int(changes.read_text())
    for kill in range(kills):
        number = 1 + kill * (n_changes - 1) // (kills - 1)
        if _status(database, folder / f"{number:04}", before=number, changes=changes) != -signal.SIGKILL:
            sys.exit(f"The migration ended before change {number} of {n_changes}.")


def _status(database: Path, folder: Path, *, before: int | None, changes: Path) -> int:
    copy = folder / "parley.sqlite3"
    folder.mkdir()
    shutil.copyfile(database, copy)
    child = os.fork()
    if child == 0:
        _migrate(copy, before, changes)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _migrate(copy: Path, before: int | None, changes: Path) -> None:
    """Migrate in this process, which ends with it, or without warning before a change or the commit."""
    numbers = count(1)

    def step(connection: Connection, _: object = None, statement: str = "", *__: object) -> None:
        if connection.engine.url.database != str(copy) or statement.lstrip().startswith(READING):
            return
        if (number := next(numbers)) == before:
            os.kill(os.getpid(), signal.SIGKILL)
        if before is None:
            changes.write_text(str(number))

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    upgrade_now(Settings(data_dir=copy.parent, database_url=f"sqlite:///{copy}", secret_key="x" * 32))
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
