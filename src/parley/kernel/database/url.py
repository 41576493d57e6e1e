"""What a URL of a database names: a file of SQLite, or the address of a PostgreSQL server."""

from pathlib import Path
from urllib.parse import urlsplit


def sqlite_file(url: str) -> Path:
    """Return the file that a URL of SQLite names."""
    return Path(url.removeprefix("sqlite:///"))


def is_sqlite(file: Path) -> bool:
    """Say whether a file begins as a database of SQLite does; one that can't be read is not judged."""
    try:
        with file.open("rb") as opened:
            return opened.read(16) in (b"", b"SQLite format 3\0")
    except OSError:
        return True


def place_of(url: str) -> str:
    """Return where a URL of PostgreSQL points to, without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
