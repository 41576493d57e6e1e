"""The types of columns that are the same on both databases, and the metadata that all tables belong to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, ColumnElement, DateTime, Dialect, MetaData, Text, Uuid, and_, cast, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from parley.kernel.clock import TOLERANCE

__all__ = ["ENCRYPTED", "Json", "RawJson", "UtcDateTime", "Uuid", "is_open", "metadata"]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

ENCRYPTED = {"encrypted": True}
"""The `info` of a column whose texts `services.vault` has encrypted; of a JSON column some strings are.

`parley rotate-key` and `parley renew-secrets` find the columns by it (tests/test_encrypted_columns.py).
"""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC on the way in and out, on both databases.

    SQLite keeps no time zone and would give naive values back.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry a time zone")
        moment = value.astimezone(UTC)
        # ClickHouse reads a text as of the zone of the column, and refuses one with an offset.
        return moment.replace(tzinfo=None) if dialect.name == "clickhousedb" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # asyncpg's instants are aware and in UTC; a list of tickets has eight hundred of them.
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Any JSON value; `jsonb` on PostgreSQL, text on SQLite. None is SQL NULL."""


class RawJson(TypeDecorator[msgspec.Raw]):
    """A JSON column read as its text, to be put into an answer without parsing it (`type_coerce(column, RawJson)`)."""

    impl = JSON
    cache_ok = True

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        # asyncpg would hand over a parsed value otherwise. Without the outer type SQLAlchemy would read the text as text.
        return type_coerce(cast(column, Text), self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], msgspec.Raw | None]:
        def to_raw(value: str | bytes | None) -> msgspec.Raw | None:
            if value is None:
                return None
            return msgspec.Raw(value.encode() if isinstance(value, str) else value)

        return to_raw


def is_open(until: ColumnElement[datetime], now: datetime, lasts: timedelta) -> ColumnElement[bool]:
    """Say of rows that are good until a time, `lasts` after they were made, whether that has not come yet.

    One that would last longer was made under a clock that has been set back since, and is over (as `is_ahead` of the clock).
    """
    return and_(until > now, until <= now + lasts + TOLERANCE)
