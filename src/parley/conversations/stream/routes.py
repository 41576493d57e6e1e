"""The live stream of the API."""

from functools import partial
from typing import Any

from litestar import get
from litestar.response import Stream

from parley.accounts.access_levels.queries.visibility import (
    check_sees_any_ticket,
    sees_any_ticket,
)
from parley.conversations.change_feed.queries import is_of_this_history
from parley.conversations.change_feed.rules import Cursor, cursor_of
from parley.conversations.stream.actions import Start, follow, present_cursor
from parley.conversations.stream.schemas import SentEvent
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, let_in_again, needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import hold_stream

SCOPE = "ticket:read"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
DOCUMENTED = documented(
    query=[
        Query(
            "last_event_id",
            "The id of the last event that arrived, where the header `Last-Event-ID` can't be set.",
        ),
        Query("follow", "`false`: send what there is and end, instead of going on.", bool),
    ],
    answers={
        200: DocumentedAnswer(
            "Events, each with `id`, `event` and `data`, which is JSON.",
            (SentEvent,),
            text_type="text/event-stream",
        )
    },
    errors={
        400: "`follow` is neither `true` nor `false`.",
        429: "The caller, or everybody in the project together, has too many streams open.",
    },
)


@get("/api/projects/{project_id:str}/conversations/stream", guards=[needs(SCOPE)], opt=DOCUMENTED)
async def stream_changes(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Stream:
    """Send what happens to tickets and messages, as server-sent events, from now on or from the last event that arrived."""
    check_sees_any_ticket(actor)
    start = await _start(request, services, actor.project_id)
    hold_stream(request, actor)
    events = follow(services, start, partial(_let_in, request, actor))
    return Stream(events, media_type="text/event-stream", headers=HEADERS)


async def _let_in(request: ParleyRequest, actor: Actor) -> Actor | None:
    found = await let_in_again(request, actor, SCOPE)
    return found if found is not None and sees_any_ticket(found) else None


async def _start(request: ParleyRequest, services: Services, project_id: int) -> Start:
    wanted = request.query_params.get("follow", "true")
    if wanted not in ("true", "false"):
        raise Invalid("Say `true` or `false`.", attr="follow")
    known = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    # Before the answer begins: what changes once the client sees the first byte is sent.
    cursor: Cursor | None = await present_cursor(services, project_id)
    if known:
        cursor = cursor_of(known)
        if cursor and not await is_of_this_history(services.database, project_id, cursor):
            cursor = None
    is_followed = wanted == "true" and not request.is_head
    return Start(project_id, cursor, is_new=not known, is_followed=is_followed)


handlers: list[Any] = [stream_changes]
