"""Lines of numbers: results of trends, lifecycle and stickiness, read into one form."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.analytics.charts.rules.texts import MATHS, breakdown_text, distinct, label
from parley.web.event_names import event_words

OTHERS = "All others"
PREVIOUS = " (before)"
ADDED_UP = ("total", "sum")
"""How events are counted so that days may be added up."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a value for each bucket, what they are together, and whether it belongs to the period before.

    `is_sum` says that its total says something: people who came on two days would be two in a sum of days.
    """

    name: str
    full_name: str
    values: tuple[float, ...]
    total: float
    is_previous: bool = False
    is_sum: bool = True


def numeric(value: Any) -> float:
    """Return a number of a result; what is none counts as nothing."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def series_of(results: Sequence[Mapping[str, Any]]) -> list[Series]:
    """Return the lines of a result in its order, each under a name of its own."""
    current = [one for one in results if not is_previous(one)]
    is_alone = len({_event_name(one) for one in current}) == 1
    names = dict(zip(_keys(current), _names(current, is_alone), strict=True))
    found = []
    for one in results:
        full_name = _full_name(one, is_alone)
        name = names.get(_key(one)) or label(full_name)
        values = tuple(numeric(value) for value in one.get("data") or ())
        found.append(
            Series(
                name=name + PREVIOUS if is_previous(one) else name,
                full_name=full_name + PREVIOUS if is_previous(one) else full_name,
                values=values,
                total=_total(one, values),
                is_previous=is_previous(one),
                is_sum=_is_sum(one),
            )
        )
    return found


def is_previous(result: Mapping[str, Any]) -> bool:
    """Say whether a line belongs to the period that is compared with."""
    return result.get("compare_label") == "previous"


def _names(results: Sequence[Mapping[str, Any]], is_alone: bool) -> list[str]:
    texts = [_full_name(one, is_alone) for one in results]
    if len(set(texts)) < len(texts):  # the same event counted in two ways
        texts = [_with_math(text, one) for text, one in zip(texts, results, strict=True)]
    return distinct(label(text) for text in texts)


def _with_math(text: str, result: Mapping[str, Any]) -> str:
    math = MATHS.get((result.get("action") or {}).get("math") or "")
    return f"{text}: {math}" if math else text


def _is_sum(result: Mapping[str, Any]) -> bool:
    """Say whether the values of a line may be added up; those of a formula, which has no `action`, may not."""
    action = result.get("action") or {}
    return bool(action) and (action.get("math") or "total") in ADDED_UP


def _event_name(result: Mapping[str, Any]) -> str:
    action = result.get("action") or {}
    if "breakdown_value" not in result or not action:
        return str(result.get("label") or "")
    return str(action.get("custom_name") or event_words(str(action.get("name") or action.get("id") or "")))


def _full_name(result: Mapping[str, Any], is_alone: bool) -> str:
    value = result.get("breakdown_value")
    if "breakdown_value" not in result:
        action = result.get("action") or {}
        named = result.get("label") or action.get("name") or "All events"
        return str(action.get("custom_name") or event_words(str(named)))
    text = breakdown_text(value)
    return text if is_alone or not _event_name(result) else f"{_event_name(result)}: {text}"


def _key(result: Mapping[str, Any]) -> tuple[str, ...]:
    action = result.get("action") or {}
    return (
        str(action.get("order")),
        str(result.get("label")),
        repr(result.get("breakdown_value")),
        str(action.get("math")),
    )


def _keys(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [_key(one) for one in results]


def _total(result: Mapping[str, Any], values: Sequence[float]) -> float:
    aggregated = result.get("aggregated_value")
    if aggregated is not None and (aggregated or not values):
        return numeric(aggregated)
    return numeric(result["count"]) if result.get("count") is not None else sum(values)


def most_first(lines: Sequence[Series], most: int) -> tuple[list[Series], list[Series]]:
    """Return the lines that are drawn, in their order, and the others; the largest are drawn."""
    if len(lines) <= most:
        return list(lines), []
    chosen = {id(one) for one in sorted(lines, key=lambda one: -abs(one.total))[:most]}
    return [one for one in lines if id(one) in chosen], [one for one in lines if id(one) not in chosen]


def together(lines: Sequence[Series]) -> Series:
    """Return several lines as one."""
    columns = zip(*(one.values for one in lines), strict=False)
    return Series(
        name=f"{OTHERS} ({len(lines)})",
        full_name=OTHERS,
        values=tuple(sum(column) for column in columns),
        total=sum(one.total for one in lines),
    )
