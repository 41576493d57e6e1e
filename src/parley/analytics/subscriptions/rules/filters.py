"""What a list of subscriptions is asked for."""

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

import msgspec

from parley.analytics.subscriptions.rules.contents import ContentType
from parley.analytics.subscriptions.rules.targets import TargetType
from parley.kernel.errors import Invalid, not_a_choice
from parley.kernel.text.forms import folded, storable

ORDERS = ("created_at", "next_delivery_date", "title", "created_by__email")
MAX_SEARCH, MAX_DIGITS = 200, 9


class SubscriptionFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which subscriptions, and in which order; `search` is folded."""

    deleted: bool = False
    insight: int | None = None
    dashboard: int | None = None
    created_by: UUID | None = None
    resource_type: str | None = None
    target_type: str | None = None
    search: str = ""
    order: str = "created_at"
    is_descending: bool = True


def read_filters(query: Mapping[str, str]) -> SubscriptionFilters:
    """Read the query of a list; raises Invalid where the wire format does, and ignores what else can't be read."""
    ordering = query.get("ordering", "")
    has_order = ordering.removeprefix("-") in ORDERS
    target_type, resource_type = query.get("target_type"), query.get("resource_type")
    if target_type and target_type not in get_args(TargetType):
        raise not_a_choice(target_type[:100], "target_type")
    return SubscriptionFilters(
        deleted=query.get("deleted", "").lower() in ("true", "1", "yes"),
        insight=_number(query, "insight"),
        dashboard=_number(query, "dashboard"),
        created_by=_uuid(query.get("created_by")),
        resource_type=resource_type if resource_type in get_args(ContentType) else None,
        target_type=target_type or None,
        search=folded(storable(query.get("search", "")[:MAX_SEARCH])).strip(),
        order=ordering.removeprefix("-") if has_order else "created_at",
        is_descending=ordering.startswith("-") if has_order else True,
    )


def number_of(text: str) -> int | None:
    """Return the number of a subscription that a path names; None for what can't be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS + 1
    return int(text) if is_number and 0 < int(text) < 2**31 else None


def _number(query: Mapping[str, Any], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    found = number_of(text)
    if found is None:
        raise Invalid("A valid integer is required.", attr=name)
    return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("Not a valid UUID.", attr="created_by") from error
