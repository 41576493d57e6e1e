"""Moments on axes: wall-clock labels of the project's zone, which came with the result."""

from datetime import datetime

from parley.analytics.charts.rules.texts import distinct

NAMES = {"hour": "hours", "day": "days", "week": "weeks", "month": "months"}


def moment(text: str) -> datetime | None:
    """Return the wall-clock time of a bucket, or None when it isn't one (stickiness counts days)."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def axis_labels(days: list[str], interval: str) -> list[str]:
    """Return a short label for each bucket. An hour that a clock change repeats is there twice, the second as `(2)`."""
    moments = [moment(day) for day in days]
    if None in moments or not moments:
        return distinct(days)
    known = [at for at in moments if at is not None]
    years, dates = {at.year for at in known}, {at.date() for at in known}
    return distinct(_short(at, interval, has_year=len(years) > 1, has_date=len(dates) > 1) for at in known)


def _short(at: datetime, interval: str, *, has_year: bool, has_date: bool) -> str:
    date = f"{at.day} {at:%b}" + (f" {at.year}" if has_year else "")
    if interval == "hour":
        return f"{date} {at:%H:%M}" if has_date else f"{at:%H:%M}"
    return f"{at:%b} {at.year}" if interval == "month" else date


def long_date(text: str) -> str:
    """Return the date of a bucket in full: `22 Nov 2026`, with the time where it has one."""
    at = moment(text)
    if at is None:
        return text
    date = f"{at.day} {at:%b} {at.year}"
    return date if (at.hour, at.minute) == (0, 0) and len(text) <= 10 else f"{date} {at:%H:%M}"


def period_words(days: list[str], interval: str, date_from: str | None) -> str:
    """Return what stands behind `in`: `these 7 days`, or `this period` where nobody knows how long it is."""
    if days and moment(days[0]) is not None:
        name = NAMES.get(interval, "days")
        return f"these {len(days)} {name}" if len(days) > 1 else f"this {name[:-1]}"
    since = date_from or ""
    units = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
    if since[:1] == "-" and since[1:-1].isdigit() and since[-1] in units:
        count = int(since[1:-1])
        return f"the last {count} {units[since[-1]]}" if count > 1 else f"the last {units[since[-1]][:-1]}"
    return "this period"
