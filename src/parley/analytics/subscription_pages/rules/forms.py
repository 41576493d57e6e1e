"""The form of a subscription: what it says, what that means, and how a stored one looks in it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from parley.analytics.subscriptions.rules.schedules import ENDED
from parley.analytics.subscriptions.rules.targets import listed_addresses
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.analytics.subscriptions.workspaces import OfferedWorkspace
from parley.kernel.errors import Invalid
from parley.kernel.http.body import TRIM
from parley.kernel.text.iso_moments import day_of

Text = Annotated[str, Meta(extra=TRIM)]
NO_DAY = "Give the day as year, month and day, such as 2026-01-31."
NO_TIME = "Give the time as hours and minutes, such as 09:00."
NO_NUMBER = "Enter a whole number."
NO_DATE = "No date is left: choose a later end, or more dates."
NO_ADDRESS = "Enter a valid email address."
LAST_MOMENT = time(23, 59, 59)


class SubscriptionForm(msgspec.Struct, frozen=True, kw_only=True):
    """All that the form says; `about` is such as `insight:7`."""

    do: Text = ""
    about: Text = ""
    title: Text = ""
    tiles: Text = "first"
    chosen: list[Text] = []
    target_type: Text = "email"
    target_value: Text = ""
    frequency: Text = "weekly"
    interval: Text = "1"
    weekdays: list[Text] = []
    place: Text = ""
    start_day: Text = ""
    start_time: Text = "09:00"
    until: Text = ""
    count: Text = ""
    invite_message: Text = ""
    skip_if_empty: Text = ""
    csv: Text = ""
    pdf: Text = ""

    @property
    def is_of_dashboard(self) -> bool:
        return self.about.startswith("dashboard:")

    @property
    def about_id(self) -> int | None:
        """The number of the insight or dashboard; None where none is chosen."""
        return _id(self.about.partition(":")[2])


def without_foreign_target(form: SubscriptionForm) -> SubscriptionForm:
    """Return the form without addresses where a URL is asked for, and without a URL where addresses are."""
    is_url = "://" in form.target_value
    is_foreign = is_url if form.target_type == "email" else not is_url and "@" in form.target_value
    return msgspec.structs.replace(form, target_value="") if is_foreign else form


def fields_of(
    form: SubscriptionForm,
    zone: ZoneInfo,
    before: StoredSubscription | None,
    workspace: OfferedWorkspace | None = None,
) -> dict[str, Any]:
    """Return what the API would be sent; a channel of Slack is one of the project's workspace.

    Raises Invalid for what is no day, time or number.
    """
    kind = "dashboard" if form.is_of_dashboard else "insight"
    about = {"insight": None, "dashboard": None, kind: form.about_id} if before is None else {}
    return {
        **about,
        **(_tiles(form) if form.is_of_dashboard else {}),
        "title": form.title or None,
        **_target(form, before, workspace),
        **schedule_of(form, zone, before),
        "invite_message": form.invite_message or None,
        "skip_if_empty": bool(form.skip_if_empty),
        "attachments": [name for name in ("csv", "pdf") if getattr(form, name)],
    }


def _target(
    form: SubscriptionForm, before: StoredSubscription | None, workspace: OfferedWorkspace | None
) -> dict[str, Any]:
    value, integration_id = form.target_value, None
    if form.target_type == "email":
        value = ",".join(value.splitlines())
    elif form.target_type == "slack" and "://" not in value:
        integration_id = before.integration_id if before else None
        if workspace is not None:
            integration_id = workspace.integration_id
            value = _channel(value, workspace)
    return {"target_type": form.target_type, "target_value": value, "integration_id": integration_id}


def _channel(text: str, workspace: OfferedWorkspace) -> str:
    """Return the channel of a name, such as `#general`, or of an id, with both; the text for one that isn't known."""
    wanted = text.removeprefix("#").lower()
    named = next(
        (id for id, name in workspace.channels.items() if wanted in (name.lower(), id.lower())), None
    )
    return f"{named}|#{workspace.channels[named]}" if named else text


def schedule_of(form: SubscriptionForm, zone: ZoneInfo, before: StoredSubscription | None) -> dict[str, Any]:
    """Return the fields of the rule; a start that was not touched stays what it was, to the second."""
    start = _moment(form.start_day, form.start_time, zone)
    until = _day(form.until, "until_date") if form.until else None
    end = None if until is None else _in(zone, until, LAST_MOMENT)
    if before is not None:
        shown = form_of(before, zone)
        if (form.start_day, form.start_time) == (shown.start_day, shown.start_time):
            start = before.start_date
        if form.until == shown.until:
            end = before.until_date
    return {
        "frequency": form.frequency,
        "interval": _number(form.interval, "interval"),
        "byweekday": list(form.weekdays) or None,
        "bysetpos": _number(form.place, "bysetpos") if form.place else None,
        "start_date": start.isoformat(),
        "until_date": end.isoformat() if end else None,
        "count": _number(form.count, "count") if form.count else None,
    }


def _tiles(form: SubscriptionForm) -> dict[str, Any]:
    chosen = [id for one in form.chosen if (id := _id(one)) is not None] if form.tiles == "chosen" else None
    return {"dashboard_export_insights": chosen, "dashboard_export_all": form.tiles == "all"}


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None


def _number(text: str, attr: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 11):
        raise Invalid(NO_NUMBER, attr=attr)
    return int(text)


def _moment(day: str, at: str, zone: ZoneInfo) -> datetime:
    try:
        moment = time.fromisoformat(at)
    except ValueError as error:
        raise Invalid(NO_TIME, attr="start_time") from error
    return _in(zone, _day(day, "start_date"), moment)


def _day(text: str, attr: str) -> date:
    try:
        return day_of(text)
    except ValueError as error:
        raise Invalid(NO_DAY, attr=attr) from error


def _in(zone: ZoneInfo, day: date, at: time) -> datetime:
    try:
        return datetime.combine(day, at.replace(tzinfo=None), zone).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise Invalid(NO_DAY, attr="start_date") from error


def form_of(found: StoredSubscription, zone: ZoneInfo, target_value: str | None = None) -> SubscriptionForm:
    """Return the form that shows a stored subscription."""
    start = found.start_date.astimezone(zone)
    chosen = found.dashboard_export_insights
    shown = target_value if target_value is not None else found.target_value
    return SubscriptionForm(
        about=f"{found.kind}:{found.insight_id or found.dashboard_id}",
        title=found.title or "",
        tiles="all" if found.dashboard_export_all else "chosen" if chosen else "first",
        chosen=[str(one) for one in chosen or ()],
        target_type=found.target_type,
        target_value="\n".join(listed_addresses(shown)) if found.target_type == "email" else shown,
        frequency=found.frequency,
        interval=str(found.interval),
        weekdays=list(found.byweekday or ()),
        place=str(found.bysetpos or ""),
        start_day=f"{start:%Y-%m-%d}",
        start_time=f"{start:%H:%M}",
        until=f"{found.until_date.astimezone(zone):%Y-%m-%d}" if found.until_date else "",
        count=str(found.count or ""),
        skip_if_empty="on" if found.skip_if_empty else "",
        csv="on" if "csv" in found.attachments else "",
        pdf="on" if "pdf" in found.attachments else "",
    )


FIELDS = {
    "insight": "about",
    "dashboard": "about",
    "content_type": "about",
    "dashboard_export_insights": "tiles",
    "integration_id": "target_value",
    "byweekday": "weekdays",
    "bysetpos": "place",
    "start_date": "start_day",
    "until_date": "until",
    None: "about",
}
"""Where a problem of a field of the API is shown in the form, where that has another name."""


def field_of(form: SubscriptionForm, attr: str | None, problem: str = "") -> str:
    """Return the field of the form that a problem is about."""
    name = (attr or "").split("__")[0] or None
    if problem.startswith(ENDED):
        return "until" if form.until else "count"
    return FIELDS.get(name, name or "about")


def problem_words(form: SubscriptionForm, problem: str) -> str:
    """Return what a problem is called beside the form, whose fields have other names than those of the API."""
    if problem.startswith(ENDED):
        return NO_DATE
    addresses = form.target_value.replace("\n", ",").split(",")
    wrong = next((one.strip() for one in addresses if one.strip() and "@" not in one), None)
    return f"{problem} This is none: {wrong[:100]}" if problem == NO_ADDRESS and wrong else problem


def without_missing(chosen: Sequence[str], there: Sequence[int]) -> list[str]:
    """Return what is still there of the tiles that were chosen."""
    return [one for one in chosen if _id(one) in there]
