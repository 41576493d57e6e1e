"""The data folder: what Parley makes there is for its own user alone."""

import contextlib
import os
import stat
from pathlib import Path

from parley.kernel.database_faults import sqlite_file


def tighten(data_dir: Path, database_url: str) -> None:
    """Take away the rights of others on the files that Parley makes, such as those made by earlier versions.

    What belongs to another user is left alone; `parley doctor` names it.
    """
    for file in loose(data_dir, database_url):
        with contextlib.suppress(OSError):
            file.chmod(file.stat().st_mode & 0o700)


def loose(data_dir: Path, database_url: str) -> list[Path]:
    """Return the files and folders made by Parley which others than their owner may read or write."""
    databases = [data_dir / "jobs.sqlite3"]
    if database_url.startswith("sqlite"):
        databases.append(sqlite_file(database_url))
    mails = data_dir / "mail"
    candidates = [
        data_dir / "secret_key",
        *(Path(f"{one}{end}") for one in databases for end in ("", "-wal", "-shm", "-journal", ".lock")),
        mails,
        *mails.glob("*.eml"),
    ]
    return [one for one in candidates if os.access(one, os.F_OK) and _is_loose(one.stat().st_mode)]


def _is_loose(mode: int) -> bool:
    # A device that a setting names, such as /dev/null, is not ours, even where we may change it.
    return bool(mode & 0o077) and (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
