"""How the databases run the lists of recordings: by an index, in a project with many."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from parley.analytics.recordings.queries.recordings import matching_recordings
from parley.analytics.recordings.rules.filters import RecordingCursor, RecordingFilters
from parley.kernel.database.prepared import _Compiled

NOW = datetime(2026, 5, 1, tzinfo=UTC)
N = 3000
COLUMNS = (
    "project_id, session_id, distinct_id, start_at, end_at, active_ms, click_count, keypress_count, mouse_activity_count, "
    "console_log_count, console_warn_count, console_error_count, snapshot_source, n_blocks, size_bytes, first_seen_at, "
    "last_seen_at, is_pinned"
)


class Enough(Exception):
    """Takes everything back."""


@pytest.fixture
async def db(database, project):
    """A transaction with a crowded project that leaves nothing behind."""
    try:
        async with database.transaction() as opened:
            numbers = (
                f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {N}) "
            )
            is_sqlite = opened.dialect.name == "sqlite"
            at = "datetime('now', -n || ' minutes')" if is_sqlite else "now() - n * interval '1 minute'"
            counts = "0, 0, 0, 0, 0, 0, 0, 'web', 1, 1"
            values = f"{project.id}, 's' || n, 'd' || n % 100, {at}, {at}, {counts}, {at}, {at}, FALSE"
            statement = f"INSERT INTO recording ({COLUMNS}) {numbers} SELECT {values} FROM numbers"
            if not is_sqlite:
                statement = statement.replace(numbers, "").replace(
                    "FROM numbers", f"FROM generate_series(1, {N}) AS n"
                )
            await opened.execute(text(statement))
            if not is_sqlite:
                await opened.execute(text("ANALYZE recording"))
            yield opened
            raise Enough
    except Enough:
        pass


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (RecordingFilters(), "ix_recording_start"),
        (RecordingFilters(is_descending=False), "ix_recording_start"),
        (RecordingFilters(cursor=RecordingCursor(NOW, "s7")), "ix_recording_start"),
        (RecordingFilters(date_from=NOW, date_to=NOW), "ix_recording_start"),
        (RecordingFilters(distinct_ids=("d7", "d8")), "ix_recording_person"),
        (RecordingFilters(person_id=UUID(int=1)), "ix_recording_person"),
        (RecordingFilters(session_ids=("s7", "s8")), "session_id"),
    ],
)
async def test_recordings_are_listed_through_an_index(db, project, filters, index):
    statement = matching_recordings(project.id, filters, NOW).limit(101)
    compiled = _Compiled(statement, db.dialect)
    if db.dialect.name == "postgresql":
        rows = await db.driver.fetch(f"EXPLAIN {compiled.sql}", *compiled.arguments({}))
    else:
        rows = await db.driver.execute_fetchall(f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.arguments({}))
    plan = "\n".join(str(tuple(row)) for row in rows)
    assert index in plan, plan
    assert "Seq Scan on recording" not in plan and "SCAN recording" not in plan, plan
