"""Live updates of open inboxes: which part of the page is out of date, never what is in it.

A page loads its parts once when its line is open: that has what changed before, and what changes later is sent.
"""

import asyncio
import time
from collections.abc import AsyncGenerator

from litestar import get
from litestar.response import Stream

from parley.accounts.access_levels.queries.levels import level_of
from parley.conversations.tickets.rules.ids import uuid_of
from parley.inbox.presence.colleagues import PRESENCE, topic_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Actor
from parley.kernel.http.cookies import SESSION_COOKIE, cookie_value
from parley.kernel.http.request import ParleyRequest
from parley.kernel.redis.live import OVER, Notice
from parley.kernel.services import Services
from parley.kernel.throttle import hold_stream
from parley.web.guards import PageAuthenticator, authenticator_of, page_session

BEAT_S = 20.0  # proxies close a line that is silent for longer, and a session may have ended meanwhile
ASK_AGAIN_S = 5.0  # how long a session that is over, or a right that was taken, may outlast on an open page
LIST, RESYNC, BEAT = "inbox", "resync", "beat"
PARTS = {
    "ticket.opened": (),
    "ticket.changed": ("ticket",),
    "ticket.deleted": ("ticket",),
    "message.added": ("added",),
    "message.changed": ("thread", "ticket"),
}


HELLO = b": listening\nretry: 1000\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/inbox/stream", guards=[page_session], include_in_schema=False)
async def stream_changes(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Stream:
    """Send the name of each part that changed: `inbox` for the list, `added-42` for new messages of ticket 42."""
    hold_stream(request, actor)
    token = cookie_value(request, SESSION_COOKIE) or ""
    changes = _changes(services, actor, authenticator_of(request), token)
    # Before the answer begins: the page takes its first byte for the moment from which on it hears everything.
    hello = await anext(changes)
    request.at_end(lambda _: changes.aclose())
    sent = iter([hello]) if request.is_head else changes
    return Stream(sent, media_type="text/event-stream", headers=HEADERS)


async def _changes(
    services: Services, actor: Actor, authenticator: PageAuthenticator, token: str
) -> AsyncGenerator[bytes, None]:
    """Yield events, first one that says nothing: from then on nothing is missed."""
    topics = f"project:{actor.project_id}", topic_of(actor.project_id)
    async with services.live.subscription(*topics) as notices:
        yield HELLO
        yield HELLO
        caller: Actor | None = actor
        asked_at = time.monotonic()
        while True:
            notice = await _next(notices)
            if notice is OVER:
                return
            if notice is not None and notice.name == RESYNC and notice.topic == topics[1]:
                continue  # the other topic says so, too
            if notice is None or notice.name == RESYNC or time.monotonic() - asked_at > ASK_AGAIN_S:
                caller, asked_at = await _caller_now(authenticator, actor, token), time.monotonic()
            if caller is None:
                # Its parts are loaded anew, and lead the page to where this caller may be.
                yield _event(RESYNC)
                return
            if notice is None:
                yield _event(BEAT)
            elif await _may_hear(services, caller, notice):
                for name in events_of(notice):
                    yield _event(name, notice.data.get("number"))


def _event(name: str, number: object = None) -> bytes:
    """Return an event; it has the number of the ticket, if it is about one."""
    return f"event: {name}\ndata: {number or 0}\n\n".encode()


async def _next(notices: asyncio.Queue[Notice]) -> Notice | None:
    """Return the next notice, or None when there is none for a while."""
    try:
        return await asyncio.wait_for(notices.get(), BEAT_S)
    except TimeoutError:
        return None


async def _caller_now(authenticator: PageAuthenticator, actor: Actor, token: str) -> Actor | None:
    """Return the caller with the rights of now; None when the session is over or leads no more into the project."""
    try:
        principal = await authenticator.session_principal(token)
        return await authenticator.actor(principal, str(actor.project_id)) if principal else None
    except AppError:
        return None


async def _may_hear(services: Services, actor: Actor, notice: Notice) -> bool:
    """Say whether the caller sees the ticket that something happened to; nobody is told where they are themselves."""
    if notice.name == PRESENCE and notice.data.get("user_id") == actor.user_id:
        return False
    ticket_id = uuid_of(notice.data.get("ticket_id"))
    if actor.rights is None or ticket_id is None:
        return True
    return await level_of(services.database, actor, ticket_id) != "none"


def events_of(notice: Notice) -> list[str]:
    """Return the names of the events that a notice means for an inbox."""
    if notice.name == RESYNC:
        return [RESYNC]
    number = notice.data.get("number")
    if notice.name == PRESENCE:
        return [f"presence-{number}"]
    return [*(f"{part}-{number}" for part in PARTS.get(notice.name, ()) if number is not None), LIST]


handlers = [stream_changes]
