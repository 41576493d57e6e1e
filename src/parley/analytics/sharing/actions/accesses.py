"""Keeping who opened a link: at most one entry for each hour, address and password."""

import asyncio
from datetime import datetime

import structlog
from sqlalchemy import delete

from parley.analytics.sharing.queries.accesses import addresses_of_hour, old_accesses
from parley.analytics.sharing.queries.links import OpenLink
from parley.analytics.sharing.rules.accesses import CROWD, KEPT_FOR, MOST_ADDRESSES, AccessKind, hour_of
from parley.analytics.sharing.rules.configurations import suffix_of
from parley.analytics.sharing.tables import share_access
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Throttled, Unavailable
from parley.kernel.ids import new_uuid
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Count, Limit

log = structlog.get_logger(__name__)
OPENED = Limit("share-opened", 1, 5 * MINUTE_S)
"""An address that loads a page again and again, or plays a recording, causes one change of the database in this time."""


PATIENCE_S = 3.0
"""How long somebody who opens a link waits for its entry. A database that can't write keeps nobody from watching."""
MOST_WAITING = 100
_noting: set[asyncio.Task[None]] = set()


async def note_opened(services: Services, link: OpenLink, address: str) -> None:
    """Keep that somebody sees what the link opens; where that takes longer than PATIENCE_S, it goes on by itself.

    What can't be kept is logged, and doesn't count: the next opening is tried again.
    """
    place = f"{link.token}\n{network_of(address)}\n{link.password_id}"
    try:
        counts = await services.throttles.hit((OPENED, place))
    except Throttled:
        return
    if len(_noting) >= MOST_WAITING:
        await _miss(services, link, counts)
        return
    task = asyncio.create_task(_note_opened(services, link, address, counts), name="opening of a share")
    _noting.add(task)
    task.add_done_callback(_noting.discard)
    done, _ = await asyncio.wait([task], timeout=PATIENCE_S)
    for finished in done:
        finished.result()


async def _note_opened(services: Services, link: OpenLink, address: str, counts: list[Count]) -> None:
    try:
        await _store_opened(services, link, address)
    except Unavailable:
        await _miss(services, link, counts)


async def _miss(services: Services, link: OpenLink, counts: list[Count]) -> None:
    """Say in the log that an opening can't be kept, and let the next one be tried."""
    await services.throttles.take_back(counts)
    log.warning("an opening of a shared link could not be kept", project_id=link.share.project_id)


async def _store_opened(services: Services, link: OpenLink, address: str) -> None:
    async with services.database.transaction() as db:
        await note_access(db, link, "opened", address, services.clock.now())


async def note_access(db: Db, link: OpenLink, kind: AccessKind, address: str, now: datetime) -> None:
    """Count an access in the entry of its hour; beyond MOST_ADDRESSES in an hour, those that are new share one."""
    share, network = link.share, network_of(address)
    known = await addresses_of_hour(db, share, hour_of(now), most=MOST_ADDRESSES)
    if network not in known and len(known) >= MOST_ADDRESSES:
        network = CROWD
    key = {
        "project_id": share.project_id,
        "target_type": share.target_type,
        "target_id": share.target_id,
        "hour_at": hour_of(now),
        "kind": kind,
        "address": network,
        "password_id": link.password_id or 0,
        "token_suffix": suffix_of(link.token),
    }
    first = {"id": new_uuid(), "password_note": link.password_note, "first_at": now, "last_at": now}
    entry = insert_for(db.dialect, share_access).values(**key, **first, access_count=1)
    again = {"access_count": share_access.c.access_count + 1, "last_at": now}
    await db.execute(entry.on_conflict_do_update(index_elements=list(key), set_=again))


async def forget_old_accesses(db: Db, now: datetime, *, limit: int) -> int:
    """Delete entries that are older than KEPT_FOR, so many at most; return how many (ix_share_access_kept)."""
    before = now - KEPT_FOR
    # The condition stands in both: by the ids alone SQLite would read the whole table.
    old = (share_access.c.last_at < before, share_access.c.id.in_(old_accesses(before, limit)))
    return (await db.execute(delete(share_access).where(*old))).rowcount
