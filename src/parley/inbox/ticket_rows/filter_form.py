"""The form that narrows the list down: every filter of the API's list of tickets, and the orders."""

from collections.abc import Mapping, Sequence

import msgspec

from parley.inbox.ticket_rows.address import DAY, ListAddress, listed
from parley.inbox.ticket_rows.names import (
    CHANNEL_NAMES,
    ORDER_NAMES,
    PRIORITY_NAMES,
    SINCE_NAMES,
    SLA_NAMES,
    SNOOZED_NAMES,
    STATUS_NAMES,
    Option,
)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of the form."""

    statuses: Sequence[Option]
    priorities: Sequence[Option]
    channels: Sequence[Option]
    assignees: Sequence[Option]
    slas: Sequence[Option]
    snoozes: Sequence[Option]
    since: Sequence[Option]
    since_day: str
    until_day: str
    orders: Sequence[Option]


def filters_of(address: ListAddress, names: Mapping[str, str], order_of_view: str = "") -> Filters:
    """Return the form as it stands; `names` are how to call the people and roles that can be assigned."""
    is_day = len(address.date_from) == DAY
    since = {**SINCE_NAMES}
    if address.date_from and not is_day:
        since.setdefault(address.date_from, address.date_from)
    return Filters(
        # Without a tick it is what goes without saying: a search looks at all of them, the list at what is unresolved.
        statuses=_boxes(STATUS_NAMES, _ticked(address)),
        priorities=_boxes(PRIORITY_NAMES, listed(address.priority)),
        channels=_options("Any channel", CHANNEL_NAMES, address.channel),
        assignees=_assignees(address, names),
        slas=_options("Any due time", SLA_NAMES, address.sla),
        snoozes=_snoozes(address),
        since=_options("At any time", since, "" if is_day else address.date_from),
        since_day=address.date_from if is_day else "",
        until_day=address.date_to if len(address.date_to) == DAY else "",
        orders=_orders(address, order_of_view),
    )


def _ticked(address: ListAddress) -> Sequence[str]:
    if not address.status:
        return ()
    return address.statuses or tuple(STATUS_NAMES)


def _boxes(names: Mapping[str, str], ticked: Sequence[str]) -> list[Option]:
    return [Option(key, name, key in ticked) for key, name in names.items()]


def _options(anything: str, names: Mapping[str, str], chosen: str) -> list[Option]:
    any_of_them = Option("", anything, not chosen)
    return [any_of_them, *(Option(key, name, key == chosen) for key, name in names.items())]


def _assignees(address: ListAddress, names: Mapping[str, str]) -> list[Option]:
    known = {"me": "Me", "unassigned": "Unassigned", **names}
    chosen = address.assignee
    if chosen not in known and chosen:
        known[chosen] = ", ".join(known.get(one, one) for one in listed(chosen))
    return _options("Anybody", known, chosen)


def _snoozes(address: ListAddress) -> list[Option]:
    usual = msgspec.structs.replace(address, snoozed="").chosen_snoozed
    return [
        Option("" if key == usual else key, name, key == address.chosen_snoozed)
        for key, name in SNOOZED_NAMES.items()
    ]


def _orders(address: ListAddress, order_of_view: str) -> list[Option]:
    usual = msgspec.structs.replace(address, order="").chosen_order or order_of_view
    chosen = address.chosen_order or order_of_view
    found = [Option("" if key == usual else key, name, key == chosen) for key, name in ORDER_NAMES.items()]
    if chosen and chosen not in ORDER_NAMES:
        found.append(Option("" if chosen == usual else chosen, chosen, True))
    return found
