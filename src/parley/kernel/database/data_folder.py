"""The data folder: what Parley makes there is for its own user alone."""

import contextlib
import os
from pathlib import Path

from parley.kernel.database.faults import is_sqlite, sqlite_file


def tighten(data_dir: Path, database_url: str) -> None:
    """Take away the rights of others on the files that Parley makes, such as those made by earlier versions.

    What belongs to another user is left alone; `parley doctor` names it.
    """
    for file in loose(data_dir, database_url):
        with contextlib.suppress(OSError):
            file.chmod(file.stat().st_mode & 0o700)


def loose(data_dir: Path, database_url: str) -> list[Path]:
    """Return the files and folders made by Parley which others than their owner may read or write.

    A database that isn't one of SQLite was named by mistake, and is somebody else's.
    """
    databases = [data_dir / "jobs.sqlite3"]
    if database_url.startswith("sqlite"):
        databases.append(sqlite_file(database_url))
    mails = data_dir / "mail"
    candidates = [
        data_dir / "secret_key",
        *(
            Path(f"{one}{end}")
            for one in databases
            if os.path.isfile(one) and is_sqlite(one)
            for end in ("", "-wal", "-shm", "-journal", ".lock")
        ),
        mails,
        *mails.glob("*.eml"),
    ]
    ours = (one for one in candidates if one == mails or os.path.isfile(one))
    return [one for one in ours if os.access(one, os.F_OK) and one.stat().st_mode & 0o077]
