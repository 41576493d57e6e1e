"""What a list of insights is narrowed to, and its order. What can't be read is ignored, as in most lists."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from parley.kernel.text.forms import folded, normal_tag, storable
from parley.kernel.text.iso_moments import calendar_moment

ORDERS = (
    "name",
    "created_at",
    "created_by",
    "updated_at",
    "last_modified_at",
    "last_modified_by",
    "favorited",
    "id",
)
KINDS = {
    "TRENDS": "TrendsQuery",
    "FUNNELS": "FunnelsQuery",
    "RETENTION": "RetentionQuery",
    "LIFECYCLE": "LifecycleQuery",
    "STICKINESS": "StickinessQuery",
    "JSON": "EventsQuery",
}
"""What `insight` may be in a list, as PostHog calls the kinds."""
MAX_SEARCH, MOST_VALUES = 400, 100
UNITS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
RELATIVE = re.compile(r"-([0-9]{1,5})([hdwmy])")


class InsightFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None means no condition."""

    short_id: str | None = None
    created_by: int | UUID | None = None
    search: str | None = None  # folded
    saved: bool | None = None
    favorited: bool | None = None
    kind: str | None = None
    tags: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None
    order: str = "last_modified_at"
    is_descending: bool = True
    deleted: bool = False


def read_insight_filters(
    query: Mapping[str, str], now: datetime, zone: ZoneInfo, *, user_id: int
) -> InsightFilters:
    """Return what a query asks for."""
    order = query.get("order", "")
    name = order.removeprefix("-")
    is_known = name in ORDERS
    creator = user_id if truth(query, "user") else _creator(query.get("created_by", ""))
    return InsightFilters(
        short_id=storable(query["short_id"]) if query.get("short_id") else None,
        created_by=creator,
        search=folded(storable(query.get("search", "")[:MAX_SEARCH])) or None,
        saved=truth(query, "saved"),
        favorited=truth(query, "favorited") or None,  # PostHog's clients send it only to ask for favourites
        kind=KINDS.get(query.get("insight", "").upper()),
        tags=tuple(filter(None, (normal_tag(storable(tag)) for tag in listed_texts(query, "tags")))),
        date_from=moment(query.get("date_from", ""), now, zone, is_end=False),
        date_to=moment(query.get("date_to", ""), now, zone, is_end=True),
        order=name if is_known else "last_modified_at",
        is_descending=order.startswith("-") if is_known else True,
    )


def truth(query: Mapping[str, str], name: str) -> bool | None:
    """Read a yes or no; bare presence is a yes. None where it isn't given or can't be read."""
    if name not in query:
        return None
    return {"": True, "true": True, "1": True, "false": False, "0": False}.get(query[name].lower())


def _creator(text: str) -> int | UUID | None:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        return None


def listed_texts(query: Mapping[str, str], name: str) -> list[str]:
    """Read a JSON list of texts, or texts between commas; some hundred at most."""
    text = query.get(name, "")
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"), type=list[str])
    except (msgspec.MsgspecError, RecursionError):
        found = text.split(",")
    return [one for one in found if one][:MOST_VALUES]


def moment(text: str, now: datetime, zone: ZoneInfo, *, is_end: bool) -> datetime | None:
    """Read an instant, a day of the project, or a distance from now such as `-7d`; None for anything else."""
    text = text.strip()
    try:
        if relative := RELATIVE.fullmatch(text):
            return now - timedelta(hours=int(relative[1]) * UNITS[relative[2]])
        found = calendar_moment(text)
        found = datetime.combine(found, time.max) if is_end and len(text) <= 10 else found
        return found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
