"""Errors of the database as sentences for the person who starts Parley: what is wrong, and how to fix it.

What requests answer when the database fails is in `error_translation`.
"""

import os
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError

from parley.kernel.database.url import place_of, sqlite_file

NAME = "PARLEY_DATABASE_URL"
READ_ONLY = "the database takes no writes: name the primary server, or end the read-only mode of this one."
# Primary result codes of SQLite, https://sqlite.org/rescode.html
PERM, BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB = 3, 5, 6, 8, 10, 11, 13, 14, 26


def explained(error: BaseException, url: str) -> str | None:
    """Return a sentence about a fault of the database or its machine, None for a fault of ours."""
    for cause in causes(error):
        if isinstance(cause, sqlite3.Error):
            found = _of_sqlite(cause, url)
        elif isinstance(cause, asyncpg.PostgresError | asyncpg.InterfaceError):
            found = _of_postgresql(cause, url)
        elif isinstance(cause, OSError):  # TimeoutError and all of the network's are, too
            found = _of_machine(cause, url)
        else:
            continue
        if found is not None:
            return f"{NAME}: {found}"
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, what the driver said before what SQLAlchemy made of it."""
    found: BaseException | None = error
    while found is not None:
        original = found.orig if isinstance(found, DBAPIError) else None
        if original is None:
            yield found
        found = original or found.__cause__


# ------------------------------------------------------------------ SQLite


def _of_sqlite(error: sqlite3.Error, url: str) -> str | None:
    file = sqlite_file(url)
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (CANTOPEN, PERM, READONLY, IOERR, FULL) and (unusable := unusable_file(file)):
        return unusable
    return {
        CANTOPEN: f"the file {file} can't be opened: check its folder and who may read and write there.",
        PERM: f"the file {file} can't be opened: check who may read and write it.",
        READONLY: f"the file {file} can't be written: let the user that runs Parley write it and its folder.",
        IOERR: f"the disk of {file} doesn't store or read: it may be full or broken. Make room or mend it.",
        FULL: f"the disk of {file} is full: make room and start again.",
        NOTADB: f"{file} is no database of SQLite: restore a backup, or name another file.",
        CORRUPT: f"{file} is damaged: restore a backup, or name another file.",
        BUSY: f"another program keeps {file} locked, such as a migration: wait until it is done, then start again.",
        LOCKED: f"another program keeps {file} locked, such as a migration: wait until it is done, then start again.",
    }.get(code)


def unusable_file(file: Path) -> str | None:
    """Say why this user can't use a file as the database; None when they can."""
    folder = file.parent
    # Path.exists and Path.is_dir raise in a folder that can't be entered.
    if not os.path.isdir(folder):
        return f"the folder {folder} is not there: make it, or name a file in another one."
    if not os.access(folder, os.W_OK | os.X_OK):
        return (
            f"the folder {folder} can't be written: let the user that runs Parley write there (chmod, chown)."
        )
    if file.is_dir():
        return f"{file} is a folder: name a file."
    for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        if one.exists() and not os.access(one, os.R_OK | os.W_OK):
            return f"the file {one} can't be read and written: let the user that runs Parley do so (chmod, chown)."
    if not os.access(folder, os.W_OK | os.X_OK):
        return (
            f"the folder {folder} can't be written: let the user that runs Parley write there (chmod, chown)."
        )
    return None


# ------------------------------------------------------------------ PostgreSQL


def _of_postgresql(error: Exception, url: str) -> str | None:
    parts = urlsplit(url)
    user, database = unquote(parts.username or ""), unquote(parts.path.strip("/"))
    said = first_line(error)
    sentences: tuple[tuple[type[Exception], str], ...] = (
        (
            asyncpg.InvalidAuthorizationSpecificationError,
            f"PostgreSQL refuses the user or the password ({said}).",
        ),
        (
            asyncpg.InvalidCatalogNameError,
            f"PostgreSQL has no database {database!r}: create it (`createdb {database}`), or name another.",
        ),
        (
            asyncpg.InsufficientPrivilegeError,
            f"the user {user!r} lacks a right ({said}): make it the owner of the database {database!r}.",
        ),
        (
            asyncpg.InvalidSchemaNameError,
            f"the database {database!r} has no schema to make tables in ({said}): create one, such as `public`.",
        ),
        (
            asyncpg.TooManyConnectionsError,
            f"PostgreSQL has no connection left ({said}): raise `max_connections` or end other programs.",
        ),
        (asyncpg.ReadOnlySQLTransactionError, READ_ONLY),
        (
            asyncpg.TransactionRollbackError,
            f"requests of a running server were in the way each time ({said}): try again when there are fewer.",
        ),
        (asyncpg.InsufficientResourcesError, f"PostgreSQL lacks room ({said}): make room and start again."),
        (asyncpg.PostgresSystemError, f"PostgreSQL's machine has a fault ({said}): mend it and start again."),
        (
            asyncpg.OperatorInterventionError,
            f"{place_of(url)} is starting or ending ({said}): start again in a moment.",
        ),
        (asyncpg.PostgresConnectionError, f"the database does not answer ({said})."),
        (asyncpg.InterfaceError, f"the connection to {place_of(url)} can't be made or was lost ({said})."),
    )
    return next((sentence for kind, sentence in sentences if isinstance(error, kind)), None)


# ------------------------------------------------------------------ the machine between


def _of_machine(error: OSError, url: str) -> str:
    if not url.startswith("postgresql"):
        about = f" ({error.filename})" if error.filename else ""
        return f"{first_line(error)}{about}: check the disk and who may read and write there."
    host, _, port = place_of(url).rpartition(":")
    if isinstance(error, socket.gaierror):
        return f"the database does not answer: no machine has the name {host} ({first_line(error)})."
    if isinstance(error, ssl.SSLError):
        return f"the database at {host}:{port} has no TLS that can be trusted ({first_line(error)})."
    if isinstance(error, TimeoutError):
        return f"the database does not answer: {host}:{port} was silent for too long. Check the address and firewalls."
    return f"the database does not answer ({first_line(error)}): start PostgreSQL at {host}:{port}, or name its address."


def first_line(error: BaseException) -> str:
    """Return what an error says, on one line."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.splitlines()[0].rstrip(".") if said else type(error).__name__
