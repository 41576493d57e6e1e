"""Following the changes of a project: from a place on, for as long as the client stays and may see them.

Between two pages nothing is held but the place: no connection to the database, and no changes that a slow client has
not taken yet. A notice only says that it is time to look; the table says what there is.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from parley.conversations.change_feed.actions.numbering import give_places
from parley.conversations.change_feed.queries import changes_after, last_cursor
from parley.conversations.change_feed.rules import Cursor, cursor_at
from parley.conversations.files.attachments import file_links
from parley.conversations.stream.queries import events_of
from parley.conversations.stream.rules import (
    HELLO,
    RESYNC,
    STILL_HERE,
    event,
    id_only,
)
from parley.conversations.stream.schemas import Resync
from parley.kernel.errors import Unavailable
from parley.kernel.http.authorization import Actor
from parley.kernel.http.json_response import ENCODER
from parley.kernel.redis.live import OVER, Notice
from parley.kernel.services import Services

BEAT_S = 15.0
"""How often to look without being told, and to say that the line is alive: proxies close one that is silent."""

LetIn = Callable[[], Awaitable[Actor | None]]
Notices = asyncio.Queue[Notice]


class Start(msgspec.Struct, frozen=True):
    """Where to begin: behind `cursor`; None is one that nobody knows. `is_new`: the client was not here before."""

    project_id: int
    cursor: Cursor | None
    is_new: bool
    is_followed: bool = True
    beat_s: float = BEAT_S


async def present_cursor(services: Services, project_id: int) -> Cursor:
    """Return the cursor of the last change that is committed by now. Raises Unavailable."""
    await give_places(services.database, project_id)
    return await last_cursor(services.database, project_id)


async def follow(services: Services, start: Start, let_in: LetIn) -> AsyncIterator[bytes]:
    """Yield the stream as it goes out. It ends with the server, with the caller's rights, and when it need not wait.

    `let_in` returns the caller as of now, or None when they may not see the project's tickets any more.
    """
    place, before = start.cursor.place if start.cursor else None, None
    # Of accounts, since a key that is taken away ends the stream at once.
    async with services.live.subscription(f"project:{start.project_id}", "accounts") as notices:
        yield HELLO  # from here on nothing is missed, neither a change nor other rights
        if start.is_new:
            # At once: who loses the line before the first event can go on from here.
            yield id_only(str(start.cursor))
        while (actor := await let_in()) is not None:
            if before is not None and actor.rights != before.rights:
                place = None
            before = actor
            try:
                chunk, place, is_up_to_date = await _next_page(services, actor, place)
            except Unavailable:
                return  # the client comes back, and is told then
            if chunk:
                yield chunk
            if is_up_to_date and not start.is_followed:
                return
            if is_up_to_date and await _is_silent(notices, start.beat_s):
                yield STILL_HERE
            heard = [notices.get_nowait() for _ in range(notices.qsize())]
            if OVER in heard:
                return
            if actor.rights is not None and any(_is_of_rights(notice) for notice in heard):
                place = None


def _is_of_rights(notice: Notice) -> bool:
    """Say whether a notice may mean that somebody sees other tickets now; one without a topic is only of a backlog."""
    return notice.name == RESYNC and bool(notice.topic)


async def _next_page(services: Services, actor: Actor, place: int | None) -> tuple[bytes, int, bool]:
    """Return what follows a place, the place behind it, and whether that is all there is."""
    database, project_id = services.database, actor.project_id
    await give_places(database, project_id)
    if place is None:
        return await _resync(services, project_id)
    found = await changes_after(database, project_id, place)
    if found.are_lost:
        return await _resync(services, project_id)
    if not found.page:
        return b"", place, True
    reached = found.page[-1]
    shown = await events_of(database, actor, found.page, file_links(services))
    blocks = [
        event(str(cursor_at(change.place, change.id)), change.name, ENCODER.encode(one))
        for change, one in zip(found.page, shown, strict=True)
        if one is not None
    ]
    if shown[-1] is None:
        blocks.append(id_only(str(cursor_at(reached.place, reached.id))))
    return b"".join(blocks), reached.place, reached.place == found.last_place


async def _resync(services: Services, project_id: int) -> tuple[bytes, int, bool]:
    cursor = await last_cursor(services.database, project_id)
    data = ENCODER.encode(Resync(timestamp=services.clock.now()))
    return event(str(cursor), RESYNC, data), cursor.place, True


async def _is_silent(notices: Notices, beat_s: float) -> bool:
    """Wait for a notice; say whether none came within a beat. The notice stays where it is."""
    try:
        notice = await asyncio.wait_for(notices.get(), beat_s)
    except TimeoutError:
        return True
    notices.put_nowait(notice)
    return False
