"""When the next delivery is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from parley.analytics.subscriptions.rules.limits import BUFFER, LATEST
from parley.analytics.subscriptions.rules.recurrence import Recurrence, next_occurrence
from parley.kernel.errors import Invalid

FIELDS = frozenset(Recurrence.__struct_fields__)
FIRST_YEAR, LAST_YEAR = 1900, 9998
ENDED = "Subscription schedule has reached its end date. Extend until_date or remove count"


def check_rule(rule: Recurrence) -> None:
    """Raise Invalid for dates that no calendar has, and for a `bysetpos` of 0."""
    for name, at in (("start_date", rule.start_date), ("until_date", rule.until_date)):
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise Invalid(f"The year must be between {FIRST_YEAR} and {LAST_YEAR}.", attr=name)
    if rule.bysetpos == 0:
        raise Invalid("Ensure this value is not 0.", attr="bysetpos")


def first_date(rule: Recurrence, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a schedule that is written now is due for the first time; None when it is over."""
    return next_occurrence(rule, zone, now + BUFFER)


def checked_first_date(
    rule: Recurrence, zone: ZoneInfo, now: datetime, *, attr: str | None, re_enables: bool = False
) -> datetime:
    """Return the first date; raises Invalid when there is none."""
    found = first_date(rule, zone, now)
    if found is None:
        raise Invalid(f"{ENDED} before re-enabling." if re_enables else f"{ENDED}.", attr=attr)
    return found


def date_again(rule: Recurrence, zone: ZoneInfo, counts_from: datetime, now: datetime) -> datetime | None:
    """Return the next date computed anew: the first one since the schedule counts that isn't too old to be delivered.

    It may have been delivered already; whoever begins the delivery finds that out by its key.
    """
    return next_occurrence(rule, zone, max(min(counts_from, now), now - LATEST))


def rule_of(values: Mapping[Any, Any]) -> Recurrence:
    """Return the rule that columns or fields describe."""
    return Recurrence(**{name: values[name] for name in FIELDS})
