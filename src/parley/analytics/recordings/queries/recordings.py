"""Recordings as they are listed and found."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select, true, tuple_

from parley.analytics.recordings.queries.durations import milliseconds_between
from parley.analytics.recordings.rules.filters import RecordingFilters
from parley.analytics.recordings.schemas import StoredRecording
from parley.analytics.recordings.tables import recording
from parley.kernel.database.bulk import ListOf, is_one_of
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.people.persons.tables import person_distinct_id

c = recording.c
MISSING = "Recording not found"
RECORDING = StructColumns(StoredRecording, recording)
_DURATION: ColumnElement[float] = milliseconds_between(c.start_at, c.end_at)
_ORDERS: dict[str, ColumnElement[Any]] = {
    "start_time": c.start_at,
    "duration": _DURATION,
    "active_seconds": c.active_ms,
    "inactive_seconds": _DURATION - c.active_ms,
    **{name: c[name] for name in ("click_count", "keypress_count", "mouse_activity_count")},
    "console_error_count": c.console_error_count,
}


def is_there(project_id: Any, now: Any) -> ColumnElement[bool]:
    """Return the condition that every reading starts with: what has expired is gone, also before the job has run."""
    is_kept = or_(c.expires_at.is_(None), c.expires_at > now)
    return and_(c.project_id == project_id, c.deleted_at.is_(None), is_kept)


_ONE = select(*RECORDING.columns).where(
    is_there(bindparam("in_project"), bindparam("now")), c.session_id == bindparam("session_id")
)
_BY_ID = Prepared(_ONE)


async def recording_by_id(db: Db, project_id: int, session_id: str, now: datetime) -> StoredRecording:
    """Return a recording; raises NotFound (primary key)."""
    row = await db.row(_BY_ID, in_project=project_id, session_id=session_id, now=now)
    if row is None:
        raise NotFound(MISSING)
    return RECORDING(row)


_LOCKED = Prepared(_ONE.with_for_update())


async def locked_recording(db: Db, project_id: int, session_id: str, now: datetime) -> StoredRecording:
    """Lock a recording until the transaction ends; raises NotFound (primary key)."""
    row = await db.row(_LOCKED, in_project=project_id, session_id=session_id, now=now)
    if row is None:
        raise NotFound(MISSING)
    return RECORDING(row)


async def recordings_page(
    db: Db, project_id: int, filters: RecordingFilters, now: datetime, *, limit: int, offset: int
) -> tuple[list[StoredRecording], bool]:
    """Return at most `limit` matching recordings in their order, and whether there are more."""
    page = matching_recordings(project_id, filters, now).limit(limit + 1)
    rows = (await db.execute(page.offset(offset) if filters.cursor is None else page)).all()
    return [RECORDING(row) for row in rows[:limit]], len(rows) > limit


def matching_recordings(project_id: int, filters: RecordingFilters, now: datetime) -> Select[Any]:
    """Return the SELECT of matching recordings in their order.

    In the order of time it is served by ix_recording_start. Where persons are asked for, it starts from
    ix_recording_person, and with session ids from the primary key. Other orders read all that match.
    """
    value = _ORDERS[filters.order]
    if filters.order == "start_time" and _is_of_few(filters):
        value = func.coalesce(c.start_at, c.first_seen_at)  # an order that no index has
    order = (value.desc(), c.session_id.desc()) if filters.is_descending else (value, c.session_id)
    return (
        select(*RECORDING.columns)
        .where(is_there(project_id, now), *_conditions(project_id, filters))
        .order_by(*order)
    )


def _is_of_few(filters: RecordingFilters) -> bool:
    named = (filters.distinct_ids, filters.session_ids, filters.person_id)
    return any(one is not None for one in named)


def _conditions(project_id: int, filters: RecordingFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.session_ids is not None:
        found.append(_is_among(c.session_id, filters.session_ids))
    if filters.distinct_ids is not None:
        found.append(_is_among(c.distinct_id, filters.distinct_ids))
    if filters.person_id is not None:
        of_person = select(person_distinct_id.c.distinct_id).where(
            person_distinct_id.c.project_id == project_id,
            person_distinct_id.c.person_id == filters.person_id,
        )
        found.append(c.distinct_id.in_(of_person))
    if filters.date_from is not None:
        found.append(c.start_at >= filters.date_from)
    if filters.date_to is not None:
        found.append(c.start_at <= filters.date_to)
    if filters.duration_min is not None:
        found.append(filters.duration_min * 1000 <= _DURATION)
    if filters.duration_max is not None:
        found.append(filters.duration_max * 1000 >= _DURATION)
    return [*found, *_traits(filters), *_behind(filters)]


def _traits(filters: RecordingFilters) -> Iterator[ColumnElement[bool]]:
    if filters.distinct_id_end is not None:
        yield func.substr(c.distinct_id, func.length(c.distinct_id) - 5) == filters.distinct_id_end
    if filters.only_pinned:
        yield c.is_pinned == true()
    if filters.only_with_errors:
        yield c.console_error_count > 0


def _is_among(column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    return is_one_of(column, literal(list(values), ListOf(column.type)))


def _behind(filters: RecordingFilters) -> Sequence[ColumnElement[bool]]:
    if filters.cursor is None:
        return ()
    place = tuple_(
        literal(filters.cursor.start_at, c.start_at.type),
        literal(filters.cursor.session_id, c.session_id.type),
    )
    here = tuple_(c.start_at, c.session_id)
    return (here < place if filters.is_descending else here > place,)
