"""Every way of every actor through the steps, as a SELECT: one from each event that may begin one.

For each row, window functions look at the rows of the actor that come after it. All of them sort the rows alike, so the
database sorts once. Columns of a way: actor, what is apart and carried, `at` (when it began), `depth` (how many steps it
took), `is_excluded` (0 or 1), and `way`: a text whose least is the best way, from which its moments are read again.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from parley.analytics.funnels.functions import DIGITS, digits_of, has_bit
from parley.analytics.funnels.rules import Path

NEVER = "9" * DIGITS
MOST_STEPS = 99
"""A way begins with how many steps of so many it lacks, of two digits: the deepest come first."""


def all_ways(steps: CTE, path: Path) -> CTE:
    """Return the ways that begin with the first step, or with any where the order doesn't count."""
    if path.order == "ordered":
        return _ordered(steps, path)
    return _strict(steps, path) if path.order == "strict" else _unordered(steps, path)


def _bit(step: int) -> Any:
    return literal(2 ** (step - 1), Integer)


def _per(rows: CTE, path: Path) -> list[ColumnElement[Any]]:
    return [rows.c.actor, *(rows.c[name] for name in path.apart)]


def _later(rows: CTE, path: Path, value: Any, *, or_this: bool = False) -> ColumnElement[Any]:
    """The least value among the rows of the actor that come later."""
    return func.min(value).over(
        partition_by=_per(rows, path),
        order_by=[rows.c.at.desc(), rows.c.mask.desc()],
        rows=(None, 0) if or_this else (None, -1),
    )


def _kept(rows: CTE, path: Path) -> list[ColumnElement[Any]]:
    return [*_per(rows, path), *(rows.c[name] for name in path.carried)]


def _ordered(steps: CTE, path: Path) -> CTE:
    """From the last step to the first, each row learns of the next step of its way, and of what follows from there.

    All moments of a way are one text, so that the least text is the first way on: one window for each step.
    """
    rows, places = steps, _Places(path)
    for step in range(path.n_steps - 1, 0, -1):
        way_on: ColumnElement[Any] = digits_of(rows.c.at)
        if step < path.n_steps - 1:
            way_on = way_on.concat(rows.c.rest)
        never = NEVER * len(places.after(step + 1))
        is_next = has_bit(rows.c.mask, _bit(step + 1))
        rest: Any = func.coalesce(_later(rows, path, case((is_next, way_on))), NEVER + never)
        for n, one in enumerate(path.exclusions):
            if one.first == step:
                is_barred = has_bit(rows.c.barred, _bit(n + 1))
                rest = rest.concat(
                    func.coalesce(_later(rows, path, case((is_barred, digits_of(rows.c.at)))), NEVER)
                )
        kept = [*_kept(rows, path), rows.c.at, rows.c.mask, rows.c.barred]
        rows = select(*kept, rest.label("rest")).cte(f"from_step_{step}")
    return _within(rows, path, places)


class _Places:
    """Where in `rest` the moments of steps and exclusions stand."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def after(self, step: int) -> list[str]:
        """The moments that the text of a row of this step holds, in their order."""
        path = self._path
        if step >= path.n_steps:
            return []
        barred = [f"x{n}" for n, one in enumerate(path.exclusions) if one.first == step]
        return [f"t{step + 1}", *self.after(step + 1), *barred]

    def of(self, rest: Any, name: str) -> Any:
        return func.substr(rest, 1 + DIGITS * self.after(1).index(name), DIGITS)


def _within(rows: CTE, path: Path, places: "_Places") -> CTE:
    """The ways from each first step, without what came after the window."""
    last = digits_of(rows.c.at + literal(path.window_us, BigInteger))
    began = (
        select(*_kept(rows, path), rows.c.at, rows.c.mask, rows.c.rest, last.label("last"))
        .where(has_bit(rows.c.mask, _bit(1)))
        .cte("began")
    )
    too_late = (
        (places.of(began.c.rest, f"t{step}") > began.c.last, step - 1) for step in range(2, path.n_steps + 1)
    )
    excluded: Any = literal(0, Integer)
    if path.exclusions:
        barred = (_is_barred(began, path, places, n) for n in range(len(path.exclusions)))
        excluded = case((or_(*barred), 1), else_=0)
    depth = case(*too_late, else_=path.n_steps)
    return _ways(began, path, depth, began.c.rest, excluded)


def _ways(
    rows: CTE, path: Path, depth: ColumnElement[int], moments: ColumnElement[str], excluded: Any
) -> CTE:
    shallow = cast(literal(MOST_STEPS, Integer) - depth, Text)
    return select(
        *_kept(rows, path),
        rows.c.at,
        depth.label("depth"),
        excluded.label("is_excluded"),
        shallow.concat(digits_of(rows.c.at)).concat(moments).label("way"),
    ).cte("ways")


def _texts(moments: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    first, *others = (func.coalesce(digits_of(one), NEVER) for one in moments)
    return reduce(lambda joined, one: joined.concat(one), others, first)


def _is_barred(began: CTE, path: Path, places: "_Places", n: int) -> ColumnElement[bool]:
    """The condition that an exclusion came in time, and before its last step. What never came is later than all."""
    at = places.of(began.c.rest, f"x{n}")
    return and_(at <= began.c.last, at < places.of(began.c.rest, f"t{path.exclusions[n].last}"))


def _strict(steps: CTE, path: Path) -> CTE:
    numbers = range(2, path.n_steps + 1)
    columns = [
        func.min(case((has_bit(steps.c.mask, _bit(step)), steps.c.at)))
        .over(
            partition_by=_per(steps, path),
            order_by=[steps.c.at, steps.c.mask],
            rows=(step - 1, step - 1),
        )
        .label(f"s{step}")
        for step in numbers
    ]
    rows = select(*_kept(steps, path), steps.c.at, steps.c.mask, *columns).cte("next_rows")
    last = rows.c.at + literal(path.window_us, BigInteger)
    stops = ((func.coalesce(rows.c[f"s{step}"] > last, True), step - 1) for step in numbers)
    moments = [rows.c[f"s{step}"] for step in numbers]
    depth = case(*stops, else_=path.n_steps).label("depth")
    shown = select(*_kept(rows, path), rows.c.at, *moments, depth)
    began = shown.where(has_bit(rows.c.mask, _bit(1))).cte("began")
    texts = _texts([began.c[one.name] for one in moments])
    return _ways(began, path, began.c.depth, texts, literal(0, Integer))


def _unordered(steps: CTE, path: Path) -> CTE:
    """Here s1, s2, ... are when each step was taken first, NULL if not within the window."""
    numbers = range(1, path.n_steps + 1)
    columns = [
        _later(steps, path, case((has_bit(steps.c.mask, _bit(step)), steps.c.at)), or_this=True).label(
            f"s{step}"
        )
        for step in numbers
    ]
    if path.exclusions:
        columns.append(_later(steps, path, case((steps.c.barred != 0, steps.c.at))).label("barred_at"))
    rows = select(*_kept(steps, path), steps.c.at, steps.c.mask, *columns).cte("next_rows")
    last = rows.c.at + literal(path.window_us, BigInteger)
    taken = [case((rows.c[f"s{step}"] <= last, rows.c[f"s{step}"])).label(f"s{step}") for step in numbers]
    barred = [rows.c.barred_at] if path.exclusions else []
    within = (
        select(*_kept(rows, path), rows.c.at, *taken, last.label("last"), *barred)
        .where(rows.c.mask != 0)
        .cte("within")
    )
    depth = sum(
        (case((within.c[f"s{step}"].is_not(None), 1), else_=0) for step in numbers), literal(0, Integer)
    )
    excluded: Any = literal(0, Integer)
    if path.exclusions:
        # Until all steps are taken, if they ever are.
        is_before = or_(*(func.coalesce(within.c.barred_at < within.c[f"s{step}"], True) for step in numbers))
        excluded = case((and_(within.c.barred_at <= within.c.last, is_before), 1), else_=0)
    texts = _texts([within.c[f"s{step}"] for step in numbers])
    return _ways(within, path, depth, texts, excluded)
