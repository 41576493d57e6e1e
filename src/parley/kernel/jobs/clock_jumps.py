"""Jumps of the system clock: what was postponed under a wrong clock must not wait until that time comes again.

Each kind of work has a longest pause. A row that waits for a later time than now plus this pause was written under a wrong
clock, so it is due. Shorter jumps are detected by comparing the system clock with the monotonic clock. After such a jump
everything is due.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    false,
    literal,
    not_,
    or_,
    select,
    update,
)

from parley.kernel.clock import Clock
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
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

_Kind = tuple[Any, ...]
"""A kind of work: its name, how far ahead it may be planned, and the pauses after each failure."""


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
    return _is_beyond(at, attempts, pauses_s, lambda pause_s: now + timedelta(seconds=pause_s) + SKEW)


def _is_beyond(
    at: ColumnElement[Any],
    attempts: ColumnElement[Any],
    pauses_s: Sequence[float],
    limit: Callable[[float], Any],
) -> ColumnElement[bool]:
    each = (and_(attempts == n, at > limit(pause_s)) for n, pause_s in enumerate(pauses_s))
    return or_(at > limit(max(pauses_s)), *each)


async def is_any_late(database: Database, registry: Registry, now: datetime, lease: timedelta) -> bool:
    """Say whether any row waits for a time that can't be right (ix_outbox_due). Reads the rows that are not due yet."""
    late = _late(_kinds(registry))
    return bool(await database.read(late.first, **late.values(now, lease)))


async def bring_forward(db: Db, registry: Registry, now: datetime, lease: timedelta) -> int:
    """Make the rows due that wait for a time that can't be right. Return how many."""
    late = _late(_kinds(registry))
    again = update(outbox).where(late.condition).values(available_at=AT_ONCE, holder=None)
    return (await db.execute(again, late.values(now, lease))).rowcount


async def bring_all_forward(db: Db, registry: Registry, now: datetime, lease: timedelta) -> int:
    """Make everything due that was postponed. Return how many rows. Work that runs too early postpones itself again."""
    put_off = and_(
        c.holder.is_(None), c.available_at > now, or_(c.attempts > 0, _is_planned(_kinds(registry)))
    )
    late = update(outbox).where(ALIVE, or_(put_off, _is_leased_too_long(now + 2 * lease)))
    return (await db.execute(late.values(available_at=AT_ONCE, holder=None))).rowcount


class _Late:
    """The rows that wait for a time that can't be right, as one condition whose times are given by name."""

    def __init__(self, kinds: tuple[_Kind, ...]) -> None:
        self._pauses_s: set[float] = set()
        waits = and_(c.holder.is_(None), c.available_at > _time("now"), or_(*self._waits_too_long(kinds)))
        self.condition = and_(ALIVE, or_(waits, _is_leased_too_long(_time("lease"))))
        later = select(c.id).where(_is_one_of(c.kind, ("event", *QUEUES)), c.available_at > _time("now"))
        self.first = Prepared(later.where(self.condition).limit(1))

    def values(self, now: datetime, lease: timedelta) -> dict[str, datetime]:
        limits = {_name(pause_s): now + timedelta(seconds=pause_s) + SKEW for pause_s in self._pauses_s}
        return {"now": now, "lease": now + 2 * lease, **limits}

    def _waits_too_long(self, kinds: tuple[_Kind, ...]) -> Iterator[ColumnElement[bool]]:
        """Yield the condition for each kind of work, then one for events and for work that this version doesn't know."""
        by_pauses: dict[tuple[float, ...], list[str]] = {}
        for name, ahead_s, *retries_s in kinds:
            by_pauses.setdefault((ahead_s or 0, *retries_s), []).append(name)
        for pauses_s, names in by_pauses.items():
            asked_for = or_(c.attempts > 0, _is_planned(kinds))
            yield and_(_is_one_of(c.name, names), asked_for, self._is_beyond(pauses_s))
        others = and_(not_(_is_one_of(c.name, [name for name, *_ in kinds])), c.attempts > 0)
        yield and_(others, self._is_beyond((0, *RETRIES_S)))

    def _is_beyond(self, pauses_s: Sequence[float]) -> ColumnElement[bool]:
        self._pauses_s.update(pauses_s)
        return _is_beyond(c.available_at, c.attempts, pauses_s, lambda pause_s: _time(_name(pause_s)))


_late = functools.lru_cache(maxsize=4)(_Late)  # it is long, and each process asks every few seconds


def _kinds(registry: Registry) -> tuple[_Kind, ...]:
    return tuple((name, one.ahead_s, *one.retries_s) for name, one in registry.workers.items())


def _is_planned(kinds: tuple[_Kind, ...]) -> ColumnElement[bool]:
    return _is_one_of(c.name, [name for name, ahead_s, *_ in kinds if ahead_s is not None])


def _is_leased_too_long(until: Any) -> ColumnElement[bool]:
    return and_(c.holder.is_not(None), c.available_at > until)


def _is_one_of(column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    # Each value is an expression of its own: a `Prepared` expands no list.
    return column.in_([literal(value) for value in values]) if values else false()


def _time(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=c.available_at.type)


def _name(pause_s: float) -> str:
    return f"after_{pause_s:g}".replace(".", "_")
