"""What can be wrong with ClickHouse, in sentences without credentials, addresses or values."""

from parley.kernel.errors import Unavailable


class EventsAway(Unavailable):
    """ClickHouse does not answer, refuses access, or is not set up."""

    code = "events_unavailable"
    default_detail = "The database of events is not available at the moment. Please try again."

    def __init__(self, reason: str) -> None:
        super().__init__(self.default_detail)
        self.reason = reason
        """For those who run the server: what is wrong, and what to do."""


class StatementStopped(Exception):
    """ClickHouse has ended a statement at one of its limits: `limit` is `time`, `memory` or `rows`."""

    def __init__(self, limit: str) -> None:
        self.limit = limit
        super().__init__(f"ClickHouse has stopped a statement at its limit of {limit}.")


class StatementRefused(Exception):
    """ClickHouse can't run a statement of ours: a fault of this program; `name` is ClickHouse's for it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"ClickHouse refuses a statement: {name}.")


STOPPED_AT = {
    158: "rows",  # TOO_MANY_ROWS
    159: "time",  # TIMEOUT_EXCEEDED
    160: "time",  # TOO_SLOW
    241: "memory",  # MEMORY_LIMIT_EXCEEDED
    307: "rows",  # TOO_MANY_BYTES
    396: "rows",  # TOO_MANY_ROWS_OR_BYTES
}
"""ClickHouse's numbers of errors that end a statement at a limit."""

AWAY_BECAUSE = {
    60: "a table of Parley is missing there: run `parley migrate`",
    81: "the database is missing there: make it (CREATE DATABASE), as docs/clickhouse.md says",
    164: "the user may only read there, and not change settings",
    192: "the user is not known there: check PARLEY_EVENTS_URL",
    193: "it refuses the password: check PARLEY_EVENTS_URL",
    194: "it wants a password: check PARLEY_EVENTS_URL",
    202: "it has too many queries at once",
    242: "a table is read-only there, as its keeper does not answer",
    243: "its disk is full",
    252: "it has too many parts to merge: it takes more in later",
    279: "no server of the cluster answers",
    319: "it can't say whether an insert has been stored",
    497: "the user lacks a right there: see docs/clickhouse.md",
    516: "it refuses user or password: check PARLEY_EVENTS_URL",
    701: "the cluster is not known there: check `cluster` in PARLEY_EVENTS_URL",
    999: "its keeper does not answer",
}
"""ClickHouse's numbers of errors that may be over later, without any other statement."""


def translated(error: Exception, place: str) -> Exception:
    """Return our error for one of the client; the text of the client's own may hold values and is left out."""
    code = getattr(error, "code", None)
    name = getattr(error, "name", None) or type(error).__name__
    if code in STOPPED_AT:
        return StatementStopped(STOPPED_AT[code])
    if code in AWAY_BECAUSE:
        return EventsAway(f"ClickHouse at {place} can't be used: {AWAY_BECAUSE[code]}.")
    if code is None:
        return EventsAway(f"ClickHouse at {place} does not answer ({name}): check PARLEY_EVENTS_URL.")
    return StatementRefused(f"{name} ({code})")
