"""Conditions on dates: a time on the wall is compared with one on the project's wall, and an instant with an instant."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal, not_
from sqlalchemy.types import BigInteger, Text

from parley.analytics.event_source.text_functions import instant_of, wall_of
from parley.analytics.query_schema.dates import moment_of, start_of
from parley.analytics.query_schema.period import instant
from parley.analytics.query_schema.schemas import PropertyFilter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Bound = tuple[datetime, datetime]
"""The same moment on the wall and as an instant."""


def date_condition(one: PropertyFilter, text: Any, zone: ZoneInfo, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a text is a moment on the day of a value, before the value, or after it.

    A value that is a day is all of it: before it is before it begins, and after it when it has ended.
    """
    moment = moment_of(str(one.values[0]), now.astimezone(zone).replace(tzinfo=None), zone, None)
    midnight = start_of(moment.wall, "day")
    begins, ends = _bound(midnight, zone), _bound(midnight + timedelta(days=1), zone)
    at = (moment.wall, moment.at or instant(moment.wall, zone))
    if one.operator == "is_date_exact":
        return and_(_is_before(text, ends), not_(_is_before(text, begins)))
    if one.operator == "is_date_before":
        return _is_before(text, begins if moment.is_date else at)
    after = ends if moment.is_date else (at[0] + MICROSECOND, at[1] + MICROSECOND)
    return not_(_is_before(text, after))


def _bound(wall: datetime, zone: ZoneInfo) -> Bound:
    return wall, instant(wall, zone)


def _is_before(text: Any, bound: Bound) -> ColumnElement[bool]:
    """Return the condition, which is NULL where the text is no moment."""
    wall, at = bound[0].isoformat(" ", "microseconds"), (bound[1] - EPOCH) // MICROSECOND
    return func.coalesce(wall_of(text) < literal(wall, Text), instant_of(text) < literal(at, BigInteger))
