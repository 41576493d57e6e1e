"""Recordings: the list, and one with its player."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.projects.recording_settings import recording_settings_of
from parley.analytics.playback.pages.names import visitor_name
from parley.analytics.playback.player_source import (
    FRAME,
    PLAYER_HEADERS,
    PlayerSource,
    frame_headers,
    mark_of,
    source_json,
)
from parley.analytics.playback.queries import messages_written
from parley.analytics.recordings.actions.deleting import delete_recording
from parley.analytics.recordings.actions.pinning import pin_recording, unpin_recording
from parley.analytics.recordings.actions.viewing import note_view
from parley.analytics.recordings.queries.recordings import recording_by_id, recordings_page
from parley.analytics.recordings.queries.shown import shown_recordings
from parley.analytics.recordings.rules.filters import (
    SORTED_SINCE,
    RecordingCursor,
    RecordingFilters,
    read_recording_filters,
)
from parley.analytics.recordings.schemas import RecordingOut
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor, public
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_token
from parley.kernel.text.cursors import encoded_cursor
from parley.kernel.text.forms import storable
from parley.kernel.text.time_zones import zone
from parley.kernel.throttle import pages_counted
from parley.people.persons.queries.by_identifier import (
    first_distinct_id_by_email,
    owners_of,
    persons_by_distinct_ids,
)
from parley.people.persons.queries.shown import distinct_ids_found
from parley.people.persons.rules.distinct_ids import MAX_LENGTH
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/recordings"
ONE = PATH + "/{recording_id:str}"
PER_PAGE = 50
MOST_FOUND = 500
"""Distinct ids of persons who are found by their name."""
VISITOR = re.compile(r"visitor ([^ ]{6})", re.IGNORECASE)
ONLY = {"": "All", "pinned": "Pinned", "errors": "With errors"}
LENGTHS = {"": "Any length", "10": "10 s or longer", "60": "1 min or longer", "300": "5 min or longer"}
NOTICES = {
    "deleted": "The recording is deleted.",
    "pinned": "It is kept until you unpin it.",
    "unpinned": "It goes when its time is over.",
}


class RecordingsAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of the list as they stand in its address."""

    who: str = ""
    date_from: str = ""
    date_to: str = ""
    longer_than: str = ""
    only: str = ""

    @property
    def query(self) -> str:
        kept = {name: getattr(self, name) for name in self.__struct_fields__ if getattr(self, name)}
        return urlencode(kept)


class RecordingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `playback/recordings.html`."""

    recordings: Sequence[tuple[str, RecordingOut]]  # each with what its person is called
    address: RecordingsAddress
    lengths: dict[str, str]
    kinds: dict[str, str]
    older_path: str | None
    is_recording: bool
    notice: str | None
    max_who: int = MAX_LENGTH


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_recordings(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """List recordings, the newest first."""
    now, address = services.clock.now(), _address(request)
    filters = await _filters(db, actor, request, address, now)
    found, has_next = await recordings_page(db, actor.project_id, filters, now, limit=PER_PAGE, offset=0)
    listed = await shown_recordings(db, actor.project_id, found, now, user_id=actor.user_id)
    shown = RecordingsPage(
        recordings=[(visitor_name(one), one) for one in listed],
        address=address,
        lengths=LENGTHS,
        kinds=ONLY,
        older_path=_older(address, RecordingCursor(found[-1].start_at, found[-1].session_id))
        if has_next
        else None,
        is_recording=recording_settings_of(actor.project.recording_settings).session_recording_opt_in,
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "playback/recordings.html", shown)


def _address(request: ParleyRequest) -> RecordingsAddress:
    query = request.query_params
    longer_than, only = query.get("longer_than", ""), query.get("only", "")
    return RecordingsAddress(
        who=storable(query.get("who", "").strip())[:MAX_LENGTH],
        date_from=query.get("date_from", "").strip()[:10],
        date_to=query.get("date_to", "").strip()[:10],
        longer_than=longer_than if longer_than in LENGTHS else "",
        only=only if only in ONLY else "",
    )


def _older(address: RecordingsAddress, last: RecordingCursor) -> str:
    query = "&".join(part for part in (address.query, urlencode({"after": encoded_cursor(last)})) if part)
    return f"{PATH}?{query}"


async def _filters(
    db: Db, actor: Actor, request: ParleyRequest, address: RecordingsAddress, now: datetime
) -> RecordingFilters:
    """Read what is asked for; whoever is named by a distinct id or an address is meant with all of their ids."""
    asked = {
        "date_from": address.date_from,
        "date_to": address.date_to,
        "duration_min": address.longer_than,
        "after": request.query_params.get("after", ""),
    }
    filters = msgspec.structs.replace(
        read_recording_filters(asked, now, zone(actor.project.timezone)),
        only_pinned=address.only == "pinned",
        only_with_errors=address.only == "errors",
    )
    return await _of_somebody(db, actor, filters, address.who, now) if address.who else filters


async def _of_somebody(
    db: Db, actor: Actor, filters: RecordingFilters, name: str, now: datetime
) -> RecordingFilters:
    if visitor := VISITOR.fullmatch(name):
        since = filters.date_from or now - SORTED_SINCE  # no index has the ends of ids
        return msgspec.structs.replace(filters, distinct_id_end=visitor[1], date_from=since)
    if "@" in name:
        name = await first_distinct_id_by_email(db, actor.project_id, name) or name
    owner = (await owners_of(db, actor.project_id, [name])).get(name)
    if owner is not None:
        return msgspec.structs.replace(filters, person_id=owner)
    found = await distinct_ids_found(db, actor, name, MOST_FOUND)
    return msgspec.structs.replace(filters, distinct_ids=(name, *found))


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `playback/recording.html`; `source` is what the player's script reads."""

    recording: RecordingOut
    name: str
    path: str
    source: Any
    notice: str | None


@get(ONE, guards=[page_session], include_in_schema=False)
async def show_recording_page(
    request: ParleyRequest,
    recording_id: FromPath[str],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Show a recording with its player."""
    now = services.clock.now()
    found = await recording_by_id(db, actor.project_id, recording_id, now)
    shown = (await shown_recordings(db, actor.project_id, [found], now, user_id=actor.user_id))[0]
    return page(
        request, "playback/recording.html", await _view(request, db, actor, shown), headers=PLAYER_HEADERS
    )


async def _view(request: ParleyRequest, db: Db, actor: Actor, shown: RecordingOut) -> RecordingView:
    known = await persons_by_distinct_ids(db, actor.project_id, [shown.distinct_id])
    ids = known[shown.distinct_id].distinct_ids if shown.distinct_id in known else []
    written = await messages_written(
        db, actor, ids or [shown.distinct_id], shown.id, shown.start_time, shown.end_time
    )
    path = quote(shown.id, safe="")
    api = f"/api/projects/{actor.project_id}/session_recordings/{path}/snapshots"
    source = PlayerSource(url=api, marks=[mark_of(one) for one in written], link=f"{PATH}/{path}")
    return RecordingView(
        recording=shown,
        name=visitor_name(shown),
        path=f"{PATH}/{path}",
        source=source_json(source),
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )


class RecordingForm(msgspec.Struct, frozen=True):
    """What is done to a recording; `sure` is ticked by who means to delete it."""

    do: Annotated[str, Meta(extra=TRIM)] = ""
    sure: str = ""


@post(ONE, guards=[page_session], include_in_schema=False)
async def change_recording_page(
    recording_id: FromPath[str],
    data: JSONBody[RecordingForm],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Pin, unpin or delete a recording, or note that it is watched."""
    path = f"{PATH}/{quote(recording_id, safe='')}"
    if data.do == "delete" and data.sure:
        await delete_recording(db, services, actor, recording_id)
        return redirect(f"{PATH}?notice=deleted")
    if data.do == "pin":
        await pin_recording(db, services, actor, recording_id)
    elif data.do == "unpin":
        await unpin_recording(db, services, actor, recording_id)
    elif data.do == "view":
        await note_view(db, services, actor.project_id, recording_id, actor.user_id)
    return redirect(f"{path}?notice={data.do}ned" if data.do in ("pin", "unpin") else path)


@get(FRAME, guards=[public, pages_counted], include_in_schema=False)
async def show_player_frame(request: ParleyRequest) -> Response[str]:
    """Send the document in which recordings are replayed. It is the same for everybody and reads no cookie."""
    nonce = new_token(length=22)
    template = request.app.template_engine.engine.get_template("playback/frame.html")  # type: ignore[union-attr]
    return Response(template.render(nonce=nonce), media_type="text/html", headers=frame_headers(nonce))


handlers: list[Any] = [show_recordings, show_recording_page, change_recording_page, show_player_frame]
