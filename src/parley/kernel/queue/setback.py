"""A clock that is set back: what was put off under the wrong time must not wait until that comes again."""

from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import and_, or_, update

from parley.kernel.clock import Clock
from parley.kernel.db import Db
from parley.kernel.queue.outbox import AT_ONCE
from parley.kernel.queue.tables import ALIVE, outbox

TOLERANCE_S = 1.0
"""A clock that is corrected by less than this delays nothing that anybody would notice."""

c = outbox.c


class Watch:
    """Compares the clock with one that only goes forward."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lead = self._measured()

    def _measured(self) -> float:
        return self._clock.now().timestamp() - monotonic()

    def was_set_back(self) -> bool:
        """Say whether the clock was set back since this was asked last."""
        before, self._lead = self._lead, self._measured()
        return self._lead < before - TOLERANCE_S


async def bring_forward(db: Db, now: datetime, *, longest: timedelta, lease: timedelta) -> int:
    """Make rows due that wait longer than `longest` after a failure or are leased for longer than leases last.

    Served by ix_outbox_due and ix_outbox_held.
    """
    put_off = and_(c.holder.is_(None), c.attempts > 0, c.available_at > now + longest)
    leased = and_(c.holder.is_not(None), c.available_at > now + 2 * lease)
    late = update(outbox).where(ALIVE, or_(put_off, leased))
    return (await db.execute(late.values(available_at=AT_ONCE, holder=None))).rowcount
