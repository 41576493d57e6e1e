"""Migrates copies of a SQLite database, the first killed before its first change, the next some changes later, and so on.

Usage: python -m tests.killed_migrations DATABASE FOLDER EACH. One of EACH changes is a killed one: a migration of all
revisions has about 200, and each takes a third of a second. The copies stay in the folder, numbered; the last one was
migrated to its end. It forks, so that the program is imported once.
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


def main(database: Path, folder: Path, each: int) -> None:
    """Return once a migration has survived."""
    schemas("0001")  # once for all children
    for number in count(1, each):
        copy = folder / f"{number:03}" / "parley.sqlite3"
        copy.parent.mkdir(parents=True)
        shutil.copyfile(database, copy)
        child = os.fork()
        if child == 0:
            _migrate(copy, before=number)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            sys.exit(os.WEXITSTATUS(status))


def _migrate(copy: Path, *, before: int) -> None:
    """Migrate in this process, which ends with it, or without warning before a change or the commit."""
    numbers = count(1)

    def step(connection: Connection, _: object = None, statement: str = "", *__: object) -> None:
        if connection.engine.url.database != str(copy) or statement.lstrip().startswith(READING):
            return
        if next(numbers) == before:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    upgrade_now(Settings(data_dir=copy.parent, database_url=f"sqlite:///{copy}", secret_key="x" * 32))
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
