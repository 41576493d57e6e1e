"""A schedule in words, as the wire format has them."""

from typing import Final

from parley.analytics.subscriptions.rules.recurrence import WEEKDAYS, Recurrence

UNITS: Final = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
PLACES: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
FALLBACK: Final = "sent on a schedule"


def summary_of(rule: Recurrence) -> str:
    """Return such as `sent every 2 weeks` or `sent every month on the last Friday`.

    Weekdays are named only where `bysetpos` chooses among them.
    """
    unit = UNITS[rule.frequency]
    text = f"sent every {unit}" if rule.interval == 1 else f"sent every {rule.interval} {unit}s"
    if not rule.byweekday or rule.bysetpos is None:
        return text
    place = PLACES.get(rule.bysetpos)
    return FALLBACK if place is None else f"{text} on the {place} {_day(set(rule.byweekday))}"


def _day(weekdays: set[str]) -> str:
    if len(weekdays) == 1:
        return next(iter(weekdays)).capitalize()
    return "weekday" if weekdays == set(WEEKDAYS[:5]) else "day"
