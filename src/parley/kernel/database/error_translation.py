"""Turns errors of the database drivers into `Unavailable` and `TransactionConflict`, for requests and jobs.

The sentences for the person who starts Parley are in `error_sentences`.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from parley.kernel.database.retries import note_conflict
from parley.kernel.errors import NotFound, TransactionConflict, Unavailable

log = structlog.get_logger(__name__)

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
CANNOT_STORE = (
    asyncpg.DiskFullError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
)
CONFLICT = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    # A migration has changed what a prepared statement returns; it is prepared anew by the next try.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
SQLITE_TROUBLE = ("disk", "full", "locked", "unable to open", "readonly", "i/o error")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        original = seen.orig if isinstance(seen, DBAPIError) else None
        seen = original or seen.__cause__


def is_connection_lost(error: BaseException) -> bool:
    """Say whether the connection is of no use any more."""
    return any(
        isinstance(cause, LOST)
        or (isinstance(cause, DBAPIError) and cause.connection_invalidated)
        or (isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError))
        for cause in _causes(error)
    )


def is_exhausted(error: BaseException) -> bool:
    """Say whether the database has no connection left for us."""
    return any(isinstance(cause, asyncpg.TooManyConnectionsError) for cause in _causes(error))


def is_conflict(error: BaseException) -> bool:
    """Say whether the transaction met others, so that the same one may pass when it is tried again."""
    return any(isinstance(cause, CONFLICT) for cause in _causes(error))


def is_reference_missing(error: BaseException) -> bool:
    """Say whether a row was not stored because another one that it names is not there, or no longer."""
    return any(
        isinstance(cause, asyncpg.ForeignKeyViolationError)
        or (isinstance(cause, sqlite3.IntegrityError) and "FOREIGN KEY" in str(cause))
        for cause in _causes(error)
    )


def is_unavailable(error: BaseException) -> bool:
    """Say whether the database could not be reached or could not store, which may pass by itself."""
    if is_connection_lost(error) or is_conflict(error):
        return True
    for cause in _causes(error):
        if isinstance(cause, (*CANNOT_STORE, PoolTimeout)):
            return True
        if isinstance(cause, sqlite3.OperationalError) and any(
            word in str(cause).lower() for word in SQLITE_TROUBLE
        ):
            return True
    return False


@contextmanager
def missing_not_found() -> Iterator[None]:
    """Raise NotFound where a row can't be stored because what it belongs to is gone, such as its project."""
    try:
        yield
    except DBAPIError as error:
        if is_reference_missing(error):
            raise NotFound from error
        raise


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn a lost, full or unreachable database into Unavailable; let everything else pass."""
    try:
        yield
    except Exception as error:
        translate(error)
        raise


def translate(error: Exception) -> None:
    """Raise Unavailable for a lost, full or unreachable database, or a conflict; return for everything else."""
    if isinstance(error, Unavailable):
        return  # by a transaction inside
    if is_conflict(error):
        note_conflict()
        raise TransactionConflict from error
    if is_unavailable(error):
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        log.error("database_unavailable", error=text)
        raise Unavailable from error
