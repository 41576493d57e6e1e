"""Live updates of open inboxes: which part of the page is out of date, never what is in it."""

import asyncio
from collections.abc import AsyncGenerator

from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from parley.kernel.access import Actor
from parley.kernel.dependencies import Services, Who, With
from parley.kernel.errors import AppError
from parley.kernel.live import OVER, Notice
from parley.kernel.request import ParleyRequest
from parley.web.session import SESSION_COOKIE, PageAuthenticator, authenticator_of, page_session

BEAT_S = 20.0  # proxies close a line that is silent for longer, and a session may have ended meanwhile
LIST, RESYNC = "inbox", "resync"
PARTS = {
    "ticket.opened": (),
    "ticket.changed": ("ticket",),
    "message.added": ("added",),
    "message.changed": ("thread", "ticket"),
}


@get("/inbox/stream", guards=[page_session], include_in_schema=False)
async def stream_changes(request: ParleyRequest, actor: Who, services: With) -> ServerSentEvent:
    """Send the name of each part that changed: `inbox` for the list, `added-42` for new messages of ticket 42."""
    token = request.cookies.get(SESSION_COOKIE, "")
    changes = _changes(services, actor, authenticator_of(request), token)
    return ServerSentEvent(changes, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _changes(
    services: Services, actor: Actor, authenticator: PageAuthenticator, token: str
) -> AsyncGenerator[ServerSentEventMessage, None]:
    async with services.live.subscription(f"project:{actor.project_id}") as notices:
        yield ServerSentEventMessage(comment="listening", retry=1000)
        while True:
            try:
                notice = await asyncio.wait_for(notices.get(), BEAT_S)
            except TimeoutError:
                if not await _is_still_in(authenticator, actor, token):
                    return
                yield ServerSentEventMessage(comment="still here")
                continue
            if notice is OVER:
                return
            for name in events_of(notice):
                yield ServerSentEventMessage(event=name, data="1")


async def _is_still_in(authenticator: PageAuthenticator, actor: Actor, token: str) -> bool:
    """Say whether the session goes on and still leads into the project."""
    try:
        principal = await authenticator.session_principal(token)
        return principal is not None and bool(await authenticator.actor(principal, str(actor.project_id)))
    except AppError:
        return False


def events_of(notice: Notice) -> list[str]:
    """Return the names of the events that a notice means for an inbox."""
    if notice.name == RESYNC:
        return [RESYNC]
    number = notice.data.get("number")
    return [*(f"{part}-{number}" for part in PARTS.get(notice.name, ()) if number is not None), LIST]


handlers = [stream_changes]
