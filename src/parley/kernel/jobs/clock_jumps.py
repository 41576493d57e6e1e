"""Jumps of the system clock: what was postponed under a wrong clock must not wait until that time comes again.

Each kind of work has a longest pause. A row that waits for a later time than now plus this pause was written under a wrong
clock, so it is due. Shorter jumps are detected by comparing the system clock with the monotonic clock. After such a jump
everything is due.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from parley.kernel.clock import Clock
from parley.kernel.database.transaction import Db
from parley.kernel.jobs.outbox import AT_ONCE
from parley.kernel.jobs.registry import QUEUES, RETRIES_S, Registry
from parley.kernel.jobs.tables import ALIVE, outbox

TOLERANCE_S = 1.0
"""A smaller correction of the clock is ignored: it delays nothing noticeably."""

FORWARD_JUMP_S, BELIEVED_AFTER_S = 3600.0, 3600.0

SKEW = timedelta(seconds=5)
"""By how much the clocks of several processes may differ."""

c = outbox.c


class BackwardJumpDetector:
    """Compares the system clock with the monotonic clock, to detect that it was set back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lead = self._measured()

    def _measured(self) -> float:
        return self._clock.now().timestamp() - monotonic()

    def was_set_back(self) -> bool:
        """Say whether the clock was set back since this was asked last."""
        before, self._lead = self._lead, self._measured()
        return self._lead < before - TOLERANCE_S


class ForwardJumpDetector:
    """Detects a clock that has jumped forward. Nothing may be deleted for its age then, for the clock may be wrong."""

    def __init__(self, clock: Clock, now_s: Callable[[], float] = monotonic) -> None:
        self._clock, self._now_s = clock, now_s
        self._lead = self._measured()
        self._since: float | None = None

    def _measured(self) -> float:
        return self._clock.now().timestamp() - self._now_s()

    def is_doubted(self) -> bool:
        """Say whether the clock has gained more than an hour lately. After an hour at the new time it is trusted."""
        lead, now_s = self._measured(), self._now_s()
        if lead > self._lead + FORWARD_JUMP_S:
            self._since = now_s if self._since is None else self._since
            if now_s - self._since < BELIEVED_AFTER_S:
                return True
        self._lead, self._since = lead, None
        return False


def is_beyond(
    at: ColumnElement[Any], attempts: ColumnElement[Any], pauses_s: Sequence[float], now: datetime
) -> ColumnElement[bool]:
    """Return the condition that a time is later than the pause after that many attempts allows.

    The first of `pauses_s` is the pause before the first attempt.
    """
    limits = [now + timedelta(seconds=pause) + SKEW for pause in pauses_s]
    return or_(at > max(limits), *(and_(attempts == n, at > limit) for n, limit in enumerate(limits)))


async def is_any_late(db: Db, registry: Registry, now: datetime, lease: timedelta) -> bool:
    """Say whether any row waits for a time that can't be right (ix_outbox_due). Reads the rows that are not due yet."""
    later = select(c.id).where(c.kind.in_(("event", *QUEUES)), c.available_at > now)
    return (await db.execute(later.where(_is_wrong(registry, now, lease)).limit(1))).first() is not None


async def bring_forward(db: Db, registry: Registry, now: datetime, lease: timedelta) -> int:
    """Make the rows due that wait for a time that can't be right. Return how many."""
    late = update(outbox).where(_is_wrong(registry, now, lease))
    return (await db.execute(late.values(available_at=AT_ONCE, holder=None))).rowcount


async def bring_all_forward(db: Db, registry: Registry, now: datetime, lease: timedelta) -> int:
    """Make everything due that was postponed. Return how many rows. Work that runs too early postpones itself again."""
    put_off = and_(c.holder.is_(None), c.available_at > now, or_(c.attempts > 0, _is_planned(registry)))
    late = update(outbox).where(ALIVE, or_(put_off, _is_leased_too_long(now, lease)))
    return (await db.execute(late.values(available_at=AT_ONCE, holder=None))).rowcount


def _is_wrong(registry: Registry, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    waits = and_(c.holder.is_(None), c.available_at > now, or_(*_kinds(registry, now)))
    return and_(ALIVE, or_(waits, _is_leased_too_long(now, lease)))


def _kinds(registry: Registry, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Yield the condition for each kind of work, then one for events and for work that this version doesn't know."""
    names: dict[tuple[float, ...], list[str]] = {}
    for name, worker in registry.workers.items():
        names.setdefault((worker.ahead_s or 0, *worker.retries_s), []).append(name)
    for pauses_s, those in names.items():
        wrong = is_beyond(c.available_at, c.attempts, pauses_s, now)
        yield and_(c.name.in_(those), or_(c.attempts > 0, _is_planned(registry)), wrong)
    others = and_(c.name.not_in(registry.workers), c.attempts > 0)
    yield and_(others, is_beyond(c.available_at, c.attempts, (0, *RETRIES_S), now))


def _is_planned(registry: Registry) -> ColumnElement[bool]:
    return c.name.in_([name for name, worker in registry.workers.items() if worker.ahead_s is not None])


def _is_leased_too_long(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    return and_(c.holder.is_not(None), c.available_at > now + 2 * lease)
