"""Recordings are listed, shown, noted as viewed, pinned and deleted."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.analytics.recordings import RECORDING, RECORDINGS
from parley.analytics.recordings.actions.deleting import delete_recording
from parley.analytics.recordings.actions.pinning import pin_recording, unpin_recording
from parley.analytics.recordings.actions.viewing import note_view
from parley.analytics.recordings.queries.recordings import recording_by_id, recordings_page
from parley.analytics.recordings.queries.shown import public_recording, shown_recordings
from parley.analytics.recordings.rules.filters import RecordingCursor, read_recording_filters
from parley.analytics.recordings.schemas import (
    PublicRecording,
    RecordingNoted,
    RecordingOut,
    RecordingPage,
    RecordingPatch,
)
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency, provide_actor
from parley.kernel.http.authorization import Actor, needs
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.http.paging import page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.shared import needs_or_shared, shared_of
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.services import Services
from parley.kernel.text.cursors import encoded_cursor
from parley.kernel.text.time_zones import zone

TIMES = "an instant in ISO 8601, a day of the project such as 2026-01-31, or a distance such as -7d."
QUERY = [
    Query("person_uuid", "Only recordings of this person; `person_id` is the same.", str),
    Query("person_id", "Only recordings of this person.", str),
    Query("distinct_id", "Only recordings of this distinct id."),
    Query("distinct_ids", "Only recordings of these distinct ids, as a JSON list."),
    Query("session_ids", "Only these recordings, as a JSON list."),
    Query("date_from", f"Only recordings that began then or later: {TIMES}"),
    Query("date_to", f"Only recordings that began then or earlier: {TIMES}"),
    Query("duration_min", "Only recordings of so many seconds or more.", float),
    Query("duration_max", "Only recordings of so many seconds or less.", float),
    Query(
        "order",
        "`start_time`, `duration`, `active_seconds`, `inactive_seconds`, `click_count`, `keypress_count`, "
        "`mouse_activity_count` or `console_error_count`. All but the first look at 30 days unless `date_from` is given.",
    ),
    Query("order_direction", "`DESC` unless `ASC` is given."),
    Query("limit", "How many to return at most. What can't be read takes the default.", int),
    Query("offset", "How many to skip.", int),
    Query("after", "The `next_cursor` of a page, for the one behind it; only in the order of time."),
]


@get(RECORDINGS, guards=[needs("session_recording:read")], opt=documented(query=QUERY))
async def list_recordings(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> RecordingPage:
    """List recordings, the newest first. An unknown query parameter is refused."""
    now, asked = services.clock.now(), page_request(request)
    filters = read_recording_filters(request.query_params, now, zone(actor.project.timezone))
    found, has_next = await recordings_page(
        db, actor.project_id, filters, now, limit=asked.limit, offset=asked.offset
    )
    results = await shown_recordings(db, actor.project_id, found, now, user_id=actor.user_id)
    is_by_time = has_next and filters.order == "start_time"
    last = RecordingCursor(found[-1].start_at, found[-1].session_id) if is_by_time else None
    return RecordingPage(
        results=results, has_next=has_next, next_cursor=encoded_cursor(last) if last else None
    )


async def _shown(db: Db, services: Services, actor: Actor, session_id: str) -> RecordingOut:
    now = services.clock.now()
    found = await recording_by_id(db, actor.project_id, session_id, now)
    return (await shown_recordings(db, actor.project_id, [found], now, user_id=actor.user_id))[0]


@get(
    RECORDING,
    guards=[needs_or_shared("session_recording:read", "recording", "recording_id")],
    opt=documented(answers={200: DocumentedAnswer(types=(RecordingOut, PublicRecording))}),
)
async def show_recording(
    request: ParleyRequest, recording_id: FromPath[str], db: DbDependency, services: ServicesDependency
) -> JsonResponse:
    """Show one recording, by the session id of the SDK; of a shared one only how long it is, and when it was."""
    if shared := shared_of(request):
        now = services.clock.now()
        return JsonResponse(public_recording(await recording_by_id(db, shared.project_id, shared.id, now)))
    return JsonResponse(await _shown(db, services, provide_actor(request), recording_id))


@patch(RECORDING, guards=[needs("session_recording:write")])
async def change_recording(
    recording_id: FromPath[str],
    data: JSONBody[RecordingPatch],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> RecordingNoted:
    """Note that the caller has watched a recording (`viewed: true`); nothing else of it can be changed."""
    found = await recording_by_id(db, actor.project_id, recording_id, services.clock.now())
    if data.viewed:
        await note_view(db, services, actor.project_id, found.session_id, actor.user_id)
    return RecordingNoted()


@post(f"{RECORDING}/viewed", status_code=200, guards=[needs("session_recording:write")])
async def view_recording(
    recording_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> RecordingNoted:
    """Note that the caller has watched a recording."""
    found = await recording_by_id(db, actor.project_id, recording_id, services.clock.now())
    await note_view(db, services, actor.project_id, found.session_id, actor.user_id)
    return RecordingNoted()


@post(f"{RECORDING}/pin", status_code=200, guards=[needs("session_recording:write")])
async def pin(
    recording_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> RecordingOut:
    """Keep a recording beyond its time, until it is unpinned or deleted."""
    await pin_recording(db, services, actor, recording_id)
    return await _shown(db, services, actor, recording_id)


@post(f"{RECORDING}/unpin", status_code=200, guards=[needs("session_recording:write")])
async def unpin(
    recording_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> RecordingOut:
    """Let a recording go when its time is over, a day from now at the earliest."""
    await unpin_recording(db, services, actor, recording_id)
    return await _shown(db, services, actor, recording_id)


@delete(RECORDING, guards=[needs("session_recording:write")])
async def remove_recording(
    recording_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Delete a recording for good; what its visitor still sends of that session is dropped."""
    await delete_recording(db, services, actor, recording_id)


handlers: list[Any] = [
    list_recordings,
    show_recording,
    change_recording,
    view_recording,
    pin,
    unpin,
    remove_recording,
]
