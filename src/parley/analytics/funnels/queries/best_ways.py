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
    select,
    true,
    union_all,
)

from parley.analytics.funnels.functions import DIGITS, SHIFT_US
from parley.analytics.funnels.queries.ways import all_ways
from parley.analytics.funnels.rules import Path


def best(steps: CTE, path: Path, *, each: tuple[str, ...] = ()) -> CTE:
    """The best way of each actor, of each value of the columns that are apart, and of each value of `each`.

    Its columns are actor, t1 to tn in microseconds (NULL from the first step on that wasn't taken), and what is apart and
    carried. Who did what is excluded is missing, unless they had gone all the way before.
    """
    ways = all_ways(steps, path)
    per = [ways.c[name] for name in ("actor", *path.apart, *each)]
    first = [ways.c.depth.desc(), ways.c.began, ways.c.mask, *(ways.c[name] for name in _raw(path))]
    if not path.exclusions:
        ranked = select(*ways.c, func.row_number().over(partition_by=per, order_by=first).label("rank")).cte(
            "ranked"
        )
        winners = select(ranked).where(ranked.c.rank == 1).cte("winners")
        return _with_times(winners, path, each)
    is_full = (ways.c.depth == path.n_steps) & (ways.c.is_excluded == 0)
    excluded_at = func.min(case((ways.c.is_excluded == 1, ways.c.began))).over(partition_by=per)
    full_at = func.min(case((is_full, ways.c.began))).over(partition_by=per)
    rank = func.row_number().over(partition_by=per, order_by=[ways.c.is_excluded, *first])
    ranked = select(
        *ways.c, rank.label("rank"), excluded_at.label("excluded_at"), full_at.label("full_at")
    ).cte("ranked")
    is_in = ranked.c.excluded_at.is_(None) | (ranked.c.full_at < ranked.c.excluded_at)
    return _with_times(select(ranked).where(ranked.c.rank == 1, is_in).cte("winners"), path, each)


def _raw(path: Path) -> list[str]:
    """The columns of a way that hold its moments."""
    if path.order == "ordered":
        return ["rest"]
    return [f"s{step}" for step in range(1 if path.order == "unordered" else 2, path.n_steps + 1)]


def _with_times(winners: CTE, path: Path, each: tuple[str, ...]) -> CTE:
    if path.order == "unordered":
        return _sorted(winners, path, each)
    times: list[ColumnElement[Any]] = [winners.c.began.label("t1")]
    for step in range(2, path.n_steps + 1):
        if path.order == "strict":
            at: Any = winners.c[f"s{step}"]
        else:
            digits = func.substr(winners.c.rest, 1 + DIGITS * (step - 2), DIGITS)
            at = cast(digits, BigInteger) - literal(SHIFT_US, BigInteger)
        times.append(case((winners.c.depth >= step, at)).label(f"t{step}"))
    return select(*(winners.c[name] for name in _kept(path)), *times).cte("best")


def _kept(path: Path) -> list[str]:
    return ["actor", *path.apart, *path.carried]


def _sorted(winners: CTE, path: Path, each: tuple[str, ...]) -> CTE:
    """The same rows with the moments in their order: t2 is when the second of the steps was taken, whichever it was."""
    numbers = range(1, path.n_steps + 1)
    listed = union_all(*(select(literal(step, Integer).label("step")) for step in numbers)).cte("numbers")
    at = case(*((listed.c.step == step, winners.c[f"s{step}"]) for step in numbers))
    kept = [winners.c[name] for name in _kept(path)]
    taken = select(*kept, at.label("at")).select_from(winners.join(listed, true())).cte("taken")
    per = [taken.c[name] for name in ("actor", *path.apart, *each)]
    rank = func.row_number().over(partition_by=per, order_by=taken.c.at)
    ranked = select(*taken.c, rank.label("nth")).where(taken.c.at.is_not(None)).cte("ranked_steps")
    names = [ranked.c[name] for name in _kept(path)]
    times = [func.min(case((ranked.c.nth == step, ranked.c.at))).label(f"t{step}") for step in numbers]
    return select(*names, *times).group_by(*names).cte("best")
