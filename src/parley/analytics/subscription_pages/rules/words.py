"""Schedules, targets and results in words."""

from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from parley.analytics.subscription_pages.rules.choices import PLACES, UNITS
from parley.analytics.subscriptions.rules.recurrence import WEEKDAYS, Recurrence, Weekday
from parley.analytics.subscriptions.rules.targets import listed_addresses
from parley.analytics.subscriptions.schemas import StoredSubscription

WORKING_DAYS, EVERY_DAY = WEEKDAYS[:5], WEEKDAYS
assert get_args(Weekday) == WEEKDAYS


def schedule_words(rule: Recurrence, zone: ZoneInfo) -> str:
    """Return such as `Every 2 weeks on Monday and Friday at 09:00`, by the clock of the zone."""
    start = rule.start_date.astimezone(zone)
    every = UNITS[rule.frequency]
    text = f"Every {every[:-1]}" if rule.interval == 1 else f"Every {rule.interval} {every}"
    text = f"{text}{_days(rule, start)} at {start:%H:%M}"
    if rule.count is not None:
        text += f", {rule.count} times" if rule.count > 1 else ", once"
    if rule.until_date is not None:
        text += f", until {_date(rule.until_date.astimezone(zone))}"
    return text


def _days(rule: Recurrence, start: datetime) -> str:
    if not rule.byweekday:
        return {
            "daily": "",
            "weekly": f" on {start:%A}",
            "monthly": f" on day {start.day}",
            "yearly": f" on {start.day} {start:%B}",
        }[rule.frequency]
    chosen = [name for name in WEEKDAYS if name in rule.byweekday]
    if rule.bysetpos is None:
        return f" on {_weekdays(chosen)}"
    place = PLACES.get(str(rule.bysetpos), f"number {rule.bysetpos}")
    return f" on {place} of its {_weekdays(chosen, 's')}"


def _weekdays(chosen: list[Weekday], plural: str = "") -> str:
    if tuple(chosen) == WORKING_DAYS:
        return "working days"
    if tuple(chosen) == EVERY_DAY:
        return "days" if plural else "every day"
    names = [name.capitalize() + plural for name in chosen]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def date_words(at: datetime, zone: ZoneInfo) -> str:
    """Return such as `Monday, 3 January 2022, 09:00`."""
    local = at.astimezone(zone)
    return f"{local:%A}, {_date(local)}, {local:%H:%M}"


def _date(local: datetime) -> str:
    return f"{local.day} {local:%B %Y}"


def target_words(found: StoredSubscription) -> str:
    """Return to whom a subscription goes, without what is secret."""
    if found.target_type != "email":
        if found.target_type == "slack" and found.integration_id is not None:
            return f"{found.target_value.partition('|')[2] or found.target_value} in Slack"
        return "Slack" if found.target_type == "slack" else found.target_value
    addresses = listed_addresses(found.target_value)
    if len(addresses) < 3:
        return " and ".join(addresses)
    return f"{addresses[0]} and {len(addresses) - 1} more"


def result_words(found: StoredSubscription) -> tuple[str, datetime | None]:
    """Return what became of the last delivery, and when."""
    failed, delivered = found.last_failed_at, found.last_delivered_at
    if failed is not None and (delivered is None or failed >= delivered) and found.last_error:
        return ("Delivered in part" if failed == delivered else "Failed"), failed
    return ("Delivered", delivered) if delivered is not None else ("Nothing yet", None)
