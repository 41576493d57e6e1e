"""What the small buttons of the form do: rows are added, taken away and moved."""

from collections.abc import Callable

from msgspec.structs import replace

from parley.analytics.insight_pages.rules.forms import (
    MOST_CONDITIONS,
    MOST_EXCLUSIONS,
    MOST_SERIES,
    MOST_VALUES,
    ConditionForm,
    ExclusionForm,
    InsightForm,
    SeriesForm,
)


def changed_rows(form: InsightForm, do: str) -> InsightForm:
    """Return the form after a button such as `remove_series:1`; another one changes nothing."""
    name, _, number = do.partition(":")
    n = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 0
    change = _CHANGES.get(name)
    return form if change is None else change(form, n)


def _add_series(form: InsightForm, n: int) -> InsightForm:
    return replace(form, series=(*form.series, SeriesForm())[:MOST_SERIES])


def _remove_series(form: InsightForm, n: int) -> InsightForm:
    kept = form.series[:n] + form.series[n + 1 :]
    conditions = tuple(
        replace(one, on=one.on - 1) if one.on is not None and one.on > n else one
        for one in form.conditions
        if one.on != n
    )
    return replace(form, series=kept or (SeriesForm(),), conditions=conditions)


def _up(form: InsightForm, n: int) -> InsightForm:
    if not 0 < n < len(form.series):
        return form
    series = list(form.series)
    series[n - 1], series[n] = series[n], series[n - 1]
    moved: dict[int | None, int] = {n: n - 1, n - 1: n}
    conditions = tuple(replace(one, on=moved.get(one.on, one.on)) for one in form.conditions)
    return replace(form, series=tuple(series), conditions=conditions)


def _down(form: InsightForm, n: int) -> InsightForm:
    return _up(form, n + 1)


def _add_condition(form: InsightForm, n: int) -> InsightForm:
    return replace(form, conditions=(*form.conditions, ConditionForm())[:MOST_CONDITIONS])


def _remove_condition(form: InsightForm, n: int) -> InsightForm:
    return replace(form, conditions=form.conditions[:n] + form.conditions[n + 1 :])


def _add_value(form: InsightForm, n: int) -> InsightForm:
    if n >= len(form.conditions):
        return form
    one = form.conditions[n]
    longer = replace(one, values=(*one.values, "")[:MOST_VALUES])
    return replace(form, conditions=(*form.conditions[:n], longer, *form.conditions[n + 1 :]))


def _add_exclusion(form: InsightForm, n: int) -> InsightForm:
    return replace(form, exclusions=(*form.exclusions, ExclusionForm())[:MOST_EXCLUSIONS])


def _remove_exclusion(form: InsightForm, n: int) -> InsightForm:
    return replace(form, exclusions=form.exclusions[:n] + form.exclusions[n + 1 :])


_CHANGES: dict[str, Callable[[InsightForm, int], InsightForm]] = {
    "add_series": _add_series,
    "remove_series": _remove_series,
    "up": _up,
    "down": _down,
    "add_condition": _add_condition,
    "remove_condition": _remove_condition,
    "add_value": _add_value,
    "add_exclusion": _add_exclusion,
    "remove_exclusion": _remove_exclusion,
}
