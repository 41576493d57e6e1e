"""Recordings as the API shows them: with their persons, and who has watched them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from parley.accounts.users.tables import user_account
from parley.analytics.recordings.rules.figures import ONGOING, activity_score, days_until, whole_seconds
from parley.analytics.recordings.schemas import (
    PublicRecording,
    RecordingOut,
    RecordingPerson,
    StoredRecording,
)
from parley.analytics.recordings.tables import recording_view
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_distinct_ids
from parley.people.persons.rules.names import display_name

MOST_DISTINCT_IDS = 10
_VIEWS = Prepared(
    select(recording_view.c.session_id, recording_view.c.user_id, user_account.c.email)
    .join(user_account, user_account.c.id == recording_view.c.user_id)
    .where(
        recording_view.c.project_id == bindparam("project_id"),
        is_one_of(recording_view.c.session_id, listed("ids", recording_view.c.session_id)),
    )
    .order_by(recording_view.c.session_id, recording_view.c.viewed_at)
)


async def shown_recordings(
    db: Db, project_id: int, found: Sequence[StoredRecording], now: datetime, *, user_id: int
) -> list[RecordingOut]:
    """Return the recordings as a user sees them, in their order (primary keys)."""
    names = sorted({one.distinct_id for one in found})
    persons = {
        name: _person(one) for name, one in (await persons_by_distinct_ids(db, project_id, names)).items()
    }
    viewers: dict[str, dict[int, str]] = {}
    ids = [one.session_id for one in found]
    for session_id, viewer_id, email in await db.rows(_VIEWS, project_id=project_id, ids=ids):
        viewers.setdefault(session_id, {})[viewer_id] = email
    return [
        _shown(one, persons.get(one.distinct_id), viewers.get(one.session_id, {}), user_id, now)
        for one in found
    ]


def _person(found: ListedPerson) -> RecordingPerson:
    return RecordingPerson(
        id=found.id,
        uuid=found.id,
        name=display_name(found.properties, found.distinct_ids),
        distinct_ids=found.distinct_ids[:MOST_DISTINCT_IDS],
        properties=found.properties,
        created_at=found.created_at,
    )


def _shown(
    one: StoredRecording, person: RecordingPerson | None, viewers: dict[int, str], user_id: int, now: datetime
) -> RecordingOut:
    duration_s = whole_seconds(one.end_at - one.start_at)
    active_s = min(round(one.active_ms / 1000), duration_s)
    return RecordingOut(
        id=one.session_id,
        distinct_id=one.distinct_id,
        viewed=user_id in viewers,
        viewers=[email for viewer, email in viewers.items() if viewer != user_id],
        recording_duration=duration_s,
        active_seconds=active_s,
        inactive_seconds=duration_s - active_s,
        start_time=one.start_at,
        end_time=one.end_at,
        click_count=one.click_count,
        keypress_count=one.keypress_count,
        mouse_activity_count=one.mouse_activity_count,
        console_log_count=one.console_log_count,
        console_warn_count=one.console_warn_count,
        console_error_count=one.console_error_count,
        start_url=one.start_url,
        person=person,
        snapshot_source=one.snapshot_source,
        ongoing=now - one.last_seen_at < ONGOING,
        activity_score=activity_score(
            active_s=one.active_ms / 1000,
            duration_s=duration_s,
            n_actions=one.click_count + one.keypress_count,
            n_passive=one.mouse_activity_count + one.console_log_count + one.console_warn_count,
            errors=one.console_error_count,
        ),
        retention_period_days=days_until(one.expires_at, one.start_at),
        expiry_time=one.expires_at,
        recording_ttl=days_until(one.expires_at, now),
        is_pinned=one.is_pinned,
    )


def public_recording(found: StoredRecording) -> PublicRecording:
    """Return what somebody may know of a recording who has it by a shared link: nothing of whose it is, or where."""
    return PublicRecording(
        id=found.session_id,
        recording_duration=whole_seconds(found.end_at - found.start_at),
        start_time=found.start_at,
        end_time=found.end_at,
    )
