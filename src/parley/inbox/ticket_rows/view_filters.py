"""A list as the filters of a saved view, and the filters of a view as a list."""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.conversations.saved_views.rules import FIELDS, ViewFilters
from parley.conversations.tickets.rules.assignees import RoleAssignee
from parley.inbox.ticket_rows.address import ListAddress, listed
from parley.kernel.errors import Invalid

KEPT = ("aiTriageResult",)
"""Filters that no form here has: whoever changes the others in a page keeps them."""
OURS = frozenset(field.encode_name for field in FIELDS) - {*KEPT}
NO_MENTIONS = "A view can't keep who is mentioned. Go to another section first, then save the view."
NO_CUSTOMER = "A view can't keep one customer. Remove that filter first, then save the view."
NO_HAPPENINGS = (
    "A view can't keep what a figure of a report counts. Remove that filter first, then save the view."
)
BOTH_TAGS = (
    "A view has tags of which a conversation must have any, or all, but not both. Take one of them off first."
)


def filters_of_list(address: ListAddress, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a list as the filters of a view; of its filters before, what no page can set is kept. Raises Invalid."""
    if address.tag and address.tags_all:
        raise Invalid(BOTH_TAGS, attr="filters")
    if address.who == "mentioned":
        raise Invalid(NO_MENTIONS, attr="filters")
    if address.customer:
        raise Invalid(NO_CUSTOMER, attr="filters")
    if address.happened:
        raise Invalid(NO_HAPPENINGS, attr="filters")
    order, is_snoozed = address.chosen_order, {"true": True, "false": False}.get(address.chosen_snoozed)
    found: dict[str, Any] = {
        "status": list(address.statuses),
        "priority": listed(address.priority),
        "channel": address.channel,
        "sla": address.sla,
        "assignee": [_assignee(one) for one in _whose(address)],
        "tags": listed(address.tag or address.tags_all),
        "tagsMatch": "all" if address.tags_all else "",
        "tagsExclude": listed(address.tags_exclude),
        "dateFrom": address.date_from,
        "dateTo": address.date_to,
        "search": address.search,
        "sorting": {"columnKey": order.lstrip("-"), "order": -1 if order.startswith("-") else 1},
    }
    found = {name: value for name, value in found.items() if value}
    if is_snoozed is not None:
        found["snoozed"] = is_snoozed
    return {**{name: value for name, value in before.items() if name not in OURS}, **found}


def list_of_filters(view: ViewFilters) -> ListAddress:
    """Return the list that a view shows, by its filters."""
    whose = [_named(one) for one in view.assignee]
    who = {"me": "mine", "unassigned": "unassigned"}.get(",".join(whose), "all")
    tags, is_all = ",".join(view.tags), view.tags_match == "all"
    snoozed = ("true" if view.snoozed else "false") if isinstance(view.snoozed, bool) else "all"
    parts = {
        "status": ",".join(view.status) or "all",
        "who": who,
        "search": view.search or "",
        "priority": ",".join(view.priority),
        "channel": view.channel or "",
        "assignee": ",".join(whose) if who == "all" else "",
        "sla": view.sla or "",
        "snoozed": snoozed,
        "tag": "" if is_all else tags,
        "tags_all": tags if is_all else "",
        "tags_exclude": ",".join(view.tags_exclude),
        "date_from": view.date_from or "",
        "date_to": view.date_to or "",
        "order": _order(view),
    }
    return ListAddress.of({name: value for name, value in parts.items() if value})


def _order(view: ViewFilters) -> str:
    if view.sorting is None:
        return "-updated_at"
    return ("-" if view.sorting.order == -1 else "") + view.sorting.column_key


def _whose(address: ListAddress) -> list[str]:
    return {"mine": ["me"], "unassigned": ["unassigned"]}.get(address.who) or listed(address.assignee)


def _assignee(text: str) -> Any:
    kind, _, id = text.partition(":")
    return {"type": kind, "id": int(id) if kind == "user" else id} if id else text


def _named(one: Any) -> str:
    if isinstance(one, str):
        return one
    return f"{'role' if isinstance(one, RoleAssignee) else 'user'}:{one.id}"


def merged(view: ListAddress, given: ListAddress) -> ListAddress:
    """Return the list of a view whose address says more: what that says counts."""
    said = {name: value for name, value in given.parameters.items() if name not in ("view", "edits", "after")}
    return msgspec.structs.replace(view, **said).without_what_goes_without_saying()
