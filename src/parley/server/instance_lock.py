"""One server for one SQLite database. A second one fails, and names the process that runs already."""

import fcntl
import os
import socket
from pathlib import Path

from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError
from parley.kernel.database.error_sentences import unusable_file
from parley.kernel.database.url import sqlite_file

_held: list[int] = []
"""The open locks of this process. The system lets go of them when it ends, however it ends."""


def hold(settings: Settings) -> None:
    """Keep other servers away from a SQLite database and its folder for as long as this process lives.

    Commands beside a server need no lock: each of their changes is one transaction. Raises SettingsError with the process
    that holds one of them. PostgreSQL and Redis keep several servers apart by themselves.
    """
    if settings.is_sqlite:
        database = sqlite_file(settings.database_url).resolve()
        # Both, since either may be shared without the other.
        for file in (settings.data_dir.resolve() / "parley.lock", Path(f"{database}.lock")):
            _held.append(_locked(file, database))


def _locked(file: Path, database: Path) -> int:
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        reason = unusable_file(database) or f"{file} can't be written ({error.strerror})."
        raise SettingsError(f"PARLEY_DATA_DIR: {reason}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
    except BlockingIOError as error:
        holder = os.read(descriptor, 300).decode(errors="replace") or "another process"
        os.close(descriptor)
        raise SettingsError(
            f"Parley runs already: {holder} holds {file.parent} (its lock is {file.name}). End it first, or give this "
            "one a folder and a database of its own with PARLEY_DATA_DIR."
        ) from error
    except OSError as error:
        os.close(descriptor)
        raise SettingsError(
            f"PARLEY_DATA_DIR: {file} can't be locked and written ({error.strerror}): make room on its disk, and "
            "use a file system with locks."
        ) from error
    return descriptor
