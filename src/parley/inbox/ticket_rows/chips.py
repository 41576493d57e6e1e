"""What narrows a list down, in words, and the address without each of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from parley.conversations.support_reports.rules import PROGRAMS
from parley.inbox.ticket_rows.address import HAPPENED, ListAddress, listed
from parley.inbox.ticket_rows.names import (
    CHANNEL_NAMES,
    HAPPENED_NAMES,
    ORDER_NAMES,
    PRIORITY_NAMES,
    SINCE_NAMES,
    SLA_NAMES,
    SNOOZED_NAMES,
    STATUS_NAMES,
    WHO,
    shortened,
)
from parley.web.formats import count_of

MOST_SHOWN = 60
_HOURS = re.compile("-([0-9]{1,4})h")


class Chip(msgspec.Struct, frozen=True):
    """One thing that narrows the list down; `path` leads to the list without it."""

    text: str
    path: str


def chips_of(address: ListAddress, names: Mapping[str, str]) -> list[Chip]:
    """Return what narrows a list down; `names` are those of assignees, and of the customer by their distinct id."""
    return [
        Chip(shortened(text, MOST_SHOWN), f"/inbox{address.replaced(**without).query}")
        for text, without in _parts(address, names)
    ]


def _parts(address: ListAddress, names: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if address.edits and address.who != "all":
        yield WHO[address.who], {"who": "all"}
    if address.search:
        yield f"“{address.search}”", {"search": ""}
    if address.customer:
        yield f"Customer: {names.get(address.customer, address.customer)}", {"customer": ""}
    if address.status == "all":
        yield "Every status", {"status": ""}
    elif address.edits and address.chosen_status == "active":
        yield "Not resolved", {"status": "all"}
    yield from _each(address, "status", "", STATUS_NAMES)
    yield from _each(address, "priority", "", PRIORITY_NAMES)
    yield from _each(address, "channel", "", CHANNEL_NAMES)
    yield from _each(address, "assignee", "", {"me": "Me", "unassigned": "Unassigned", **names})
    yield from _each(address, "sla", "", SLA_NAMES)
    yield from _each(address, "snoozed", "", SNOOZED_NAMES)
    yield from _tags(address)
    if address.happened:
        yield _happened(address, names), dict.fromkeys(HAPPENED, "")
    if address.date_from:
        since = SINCE_NAMES.get(address.date_from, f"since {address.date_from}").lower()
        yield f"Changed {since}", {"date_from": ""}
    if address.date_to:
        yield f"Changed until {address.date_to}", {"date_to": ""}
    if address.order:
        yield f"Sorted by: {ORDER_NAMES.get(address.order, address.order)}", {"order": ""}


def _happened(address: ListAddress, names: Mapping[str, str]) -> str:
    by = {**names, PROGRAMS: "programs", "me": "me"}.get(address.happened_by, "somebody else")
    whose = f" by {by}" if address.happened_by else ""
    return f"{HAPPENED_NAMES[address.happened]}{whose}{_when(address.happened_from, address.happened_to)}"


def _when(start: str, end: str) -> str:
    """Say a time in days: `-72h` to `-24h` is one to three days ago."""
    oldest, newest = (_HOURS.fullmatch(bound) for bound in (start, end))
    if oldest and not end:
        return f" less than {count_of(int(oldest[1]) // 24, 'day')} ago"
    if newest and not start:
        return f" over {count_of(int(newest[1]) // 24, 'day')} ago"
    if oldest and newest:
        return f" {int(newest[1]) // 24} to {count_of(int(oldest[1]) // 24, 'day')} ago"
    if start and start == end:
        return f" on {start}"
    return (f" from {start}" if start else "") + (f" to {end}" if end else "")


def _each(
    address: ListAddress, field: str, before: str, names: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    values = listed(getattr(address, field))
    for value in values:
        rest = ",".join(one for one in values if one != value)
        if value not in ("active", "all") or field != "status":
            yield before + names.get(value, value), {field: rest}


def _tags(address: ListAddress) -> Iterator[tuple[str, dict[str, Any]]]:
    anything = " or ".join(listed(address.tag))
    if anything:
        yield f"Tag: {anything}", {"tag": ""}
    yield from _each(address, "tags_all", "With tag: ", {})
    yield from _each(address, "tags_exclude", "Without tag: ", {})
