"""The best way of each actor through the steps, as a SELECT: the deepest, and the first of these.

A statement begins with rows of steps: actor, `at` (microseconds), `mask` (bit n - 1 for each step n that the event may
be), `barred` (a bit for each exclusion that it is, if it is no step), and what the path keeps apart and carries. Of one
moment, what is no step comes first, then events by their mask, so that steps which share a moment count in their order.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from parley.analytics.funnels.functions import DIGITS, SHIFT_US
from parley.analytics.funnels.queries.ways import MOST_STEPS, NEVER, all_ways
from parley.analytics.funnels.rules import Path


def best(steps: CTE, path: Path, *, each: tuple[str, ...] = ()) -> CTE:
    """The best way of each actor, of each value of the columns that are apart, and of each value of `each`.

    Its columns are actor, t1 to tn in microseconds (NULL from the first step on that wasn't taken), and what is apart and
    carried. Who did what is excluded is missing, unless they had gone all the way before.
    """
    ways = all_ways(steps, path)
    per = [ways.c[name] for name in ("actor", *path.apart, *each)]
    # What is carried and not in `each` is the same in all rows of an actor.
    same = [func.min(ways.c[name]).label(name) for name in path.carried if name not in each]
    grouped = select(*per, *same).group_by(*per)
    if path.exclusions:
        is_in = ways.c.is_excluded == 0
        is_full = (ways.c.depth == path.n_steps) & is_in
        excluded_at = func.min(case((ways.c.is_excluded == 1, ways.c.at)))
        full_at = func.min(case((is_full, ways.c.at)))
        grouped = grouped.add_columns(func.min(case((is_in, ways.c.way))).label("way"))
        grouped = grouped.having(or_(excluded_at.is_(None), full_at < excluded_at))
    else:
        grouped = grouped.add_columns(func.min(ways.c.way).label("way"))
    return _with_times(grouped.cte("winners"), path, each)


def _digits(way: ColumnElement[str], nth: int) -> ColumnElement[str]:
    """The nth moment of a way, from 0 on; the first is when it began."""
    return func.substr(way, 3 + DIGITS * nth, DIGITS)


def _moment(digits: ColumnElement[str]) -> ColumnElement[int]:
    return cast(digits, BigInteger) - literal(SHIFT_US, BigInteger)


def _with_times(winners: CTE, path: Path, each: tuple[str, ...]) -> CTE:
    if path.order == "unordered":
        return _sorted(winners, path, each)
    depth = literal(MOST_STEPS, Integer) - cast(func.substr(winners.c.way, 1, 2), Integer)
    times = [
        case((depth >= step, _moment(_digits(winners.c.way, step - 1)))).label(f"t{step}")
        for step in range(1, path.n_steps + 1)
    ]
    return select(*(winners.c[name] for name in _kept(path)), *times).cte("best")


def _kept(path: Path) -> list[str]:
    return ["actor", *path.apart, *path.carried]


def _sorted(winners: CTE, path: Path, each: tuple[str, ...]) -> CTE:
    """The same with the moments in their order: t2 is when the second of the steps was taken, whichever it was."""
    numbers = range(1, path.n_steps + 1)
    listed = union_all(*(select(literal(step, Integer).label("step")) for step in numbers)).cte("numbers")
    digits = case(*((listed.c.step == step, _digits(winners.c.way, step)) for step in numbers))
    kept = [winners.c[name] for name in _kept(path)]
    taken = select(*kept, digits.label("digits")).select_from(winners.join(listed, true())).cte("taken")
    per = [taken.c[name] for name in ("actor", *path.apart, *each)]
    nth = func.row_number().over(partition_by=per, order_by=taken.c.digits).label("nth")
    columns = [taken.c[name] for name in _kept(path)]
    ranked = select(*columns, taken.c.digits, nth).where(taken.c.digits < NEVER).cte("ranked_steps")
    names: list[Any] = [ranked.c[name] for name in _kept(path)]
    times = [
        func.min(case((ranked.c.nth == step, _moment(ranked.c.digits)))).label(f"t{step}") for step in numbers
    ]
    return select(*names, *times).group_by(*names).cte("best")
