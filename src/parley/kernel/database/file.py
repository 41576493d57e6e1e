"""The file of a SQLite database, as long as it is the one that was opened.

SQLite goes on with a file that was deleted or moved away: what is written then is lost, or stands where nobody looks for
it. And where another folder has come into the place, such as one whose disk is not mounted, it would make an empty file.
"""

import os
from pathlib import Path

import structlog

from parley.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


class DatabaseFile:
    """Which file this process has opened. It may be made by the first connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise Unavailable unless the file is in its place; it passes again once it is back."""
        try:
            found = os.stat(self._path)
        except OSError as error:
            if self._opened is None:
                return
            log.error("database_file_is_gone", file=str(self._path), error=str(error))
            raise Unavailable from error
        here = (found.st_dev, found.st_ino)
        self._opened = self._opened or here
        if here != self._opened:
            log.error("database_file_is_another_one", file=str(self._path))
            raise Unavailable
