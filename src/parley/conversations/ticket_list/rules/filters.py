"""The filters of the ticket list, read from a query or from a saved view. What can't be read filters nothing."""

from collections.abc import Callable, Mapping
from typing import Any, get_args
from uuid import UUID

import msgspec

from parley.conversations.saved_views.rules import (
    AiTriageResult,
    ViewFilters,
)
from parley.conversations.sla.rules import SlaState
from parley.conversations.support_reports.rules import HAPPENINGS, PROGRAMS, Happening
from parley.conversations.ticket_list.rules.dates import is_bound
from parley.conversations.ticket_list.rules.orders import LATEST_FIRST, ORDERS, Order
from parley.conversations.tickets.rules.assignees import AssigneeIds, RoleAssignee, UserAssignee
from parley.conversations.tickets.rules.fields import (
    STATUSES,
    Channel,
    Priority,
    Status,
)
from parley.conversations.tickets.rules.ids import MAX_NUMBER, uuid_of
from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import is_blank, normal_tag, storable
from parley.kernel.text.json_text import read_json
from parley.kernel.text.search_terms import MAX_SEARCH

PRIORITIES = get_args(Priority)
CHANNELS = get_args(Channel)
CHANNEL_DETAILS = (
    "slack_channel_message", "slack_bot_mention", "slack_emoji_reaction", "teams_channel_message",
    "teams_bot_mention", "widget_embedded", "widget_api", "github_issue",
)  # fmt: skip
SLAS = get_args(SlaState)
TRIAGE_RESULTS = frozenset(get_args(AiTriageResult))
MAX_LISTED, MAX_NAMES, MAX_PART = 100, 50, 200
NOBODY = AssigneeIds()


class TicketFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets a list shows: those that fit every filter that is given.

    Bounds of time stay as they were written, so that equal filters are equal whenever they are asked.
    """

    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    channel_source: str | None = None
    channel_detail: str | None = None
    assignees: tuple[AssigneeIds, ...] = ()  # any of them; without ids: nobody
    date_from: str | None = None
    date_to: str | None = None
    distinct_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()  # in lower case
    distinct_id_part: str | None = None
    sla: str | None = None
    is_snoozed: bool | None = None
    tags: tuple[str, ...] = ()
    tags_all: tuple[str, ...] = ()
    tags_exclude: tuple[str, ...] = ()
    mentioned: int | None = None  # the user whom a note mentions
    happened: Happening | None = None  # in the time between these bounds, by a user's number or PROGRAMS
    happened_from: str | None = None
    happened_to: str | None = None
    happened_by: str | None = None
    is_triaged: bool = False  # with one of some results; no ticket is
    search: str | None = None

    @property
    def is_by_status_only(self) -> bool:
        return self == TicketFilters(statuses=self.statuses)

    @property
    def reads_events(self) -> bool:
        return self.happened is not None and self.happened != "opened"


def given_filters(query: Mapping[str, str], user_id: int) -> dict[str, Any]:
    """Return the fields of TicketFilters that a query sets; `user_id` is who `me` is.

    What can't be read is left out, and so doesn't take away what a view says of the same.
    """
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        text = query.get(name)
        if text is not None:
            found |= read(text.replace("\x00", "\ufffd"), user_id)
    if "happened" not in found:
        found = {name: value for name, value in found.items() if not name.startswith("happened_")}
    # A view holds one list of tags, to match any or all of: naming either is about the same dimension.
    if "tags" in found or "tags_all" in found:
        found = {"tags": (), "tags_all": (), **found}
    return found


def filters_of_view(view: ViewFilters, user_id: int) -> TicketFilters:
    """Return what a saved view filters by, for the user who looks at it."""
    tags = view.tags[:MAX_NAMES]
    found: dict[str, Any] = {
        "statuses": wanted_statuses(",".join(view.status)),
        "priorities": tuple(name for name in PRIORITIES if name in view.priority),
        "channel_source": view.channel,
        "assignees": tuple(_assignee_of_view(one, user_id) for one in view.assignee[:MAX_LISTED]),
        "sla": view.sla,
        "tags": tags if view.tags_match == "any" else (),
        "tags_all": tags if view.tags_match == "all" else (),
        "tags_exclude": view.tags_exclude[:MAX_NAMES],
        "is_triaged": bool(view.ai_triage_result),
        "is_snoozed": view.snoozed if isinstance(view.snoozed, bool) else None,
        **_bound(view.date_from or "", "date_from"),
        **_bound(view.date_to or "", "date_to"),
    }
    return TicketFilters(**found | _search(view.search or "", user_id))


def order_of_list(text: str | None, view: ViewFilters | None) -> Order:
    """Return the order that a query asks for, otherwise its view, otherwise the latest change first."""
    asked = ORDERS.get((text or "").strip())
    if asked is None and view is not None and view.sorting is not None:
        sign = "-" if view.sorting.order == -1 else ""
        asked = ORDERS.get(sign + view.sorting.column_key)
    return asked or LATEST_FIRST


def _assignee_of_view(one: str | UserAssignee | RoleAssignee, user_id: int) -> AssigneeIds:
    if isinstance(one, UserAssignee):
        return AssigneeIds(user_id=one.id)
    if isinstance(one, RoleAssignee):
        return AssigneeIds(role_id=one.id)
    return AssigneeIds(user_id=user_id) if one == "me" else NOBODY


def wanted_statuses(text: str | None) -> tuple[Status, ...]:
    """Return the statuses that a filter names, in their usual order; empty when it filters nothing.

    A filter without any valid name is ignored, and one that names all five says nothing.
    """
    named = {item.strip() for item in (text or "").split(",")}
    found = tuple(status for status in STATUSES if status in named)
    return () if len(found) == len(STATUSES) else found


def _items(text: str) -> list[str]:
    return [item for item in (part.strip() for part in text.split(",")) if item]


def _statuses(text: str, _: int) -> dict[str, Any]:
    is_named = not set(STATUSES).isdisjoint(_items(text))
    return {"statuses": wanted_statuses(text)} if is_named else {}


def _priorities(text: str, _: int) -> dict[str, Any]:
    named = _items(text)
    found = tuple(name for name in PRIORITIES if name in named)
    return {"priorities": found} if found else {}


def _one_of(field: str, names: tuple[str, ...]) -> Callable[[str, int], dict[str, Any]]:
    def read(text: str, _: int) -> dict[str, Any]:
        return {field: text.strip()} if text.strip() in names else {}

    return read


def _assignees(text: str, user_id: int) -> dict[str, Any]:
    read = (_assignee(item, user_id) for item in _items(text)[:MAX_LISTED])
    found = tuple(dict.fromkeys(one for one in read if one is not None))
    return {"assignees": found} if found else {}


def _assignee(item: str, user_id: int) -> AssigneeIds | None:
    if item.lower() == "unassigned":
        return NOBODY
    if item.lower() == "me":
        return AssigneeIds(user_id=user_id)
    kind, _, id = item.partition(":")
    if kind == "user" and id.isascii() and id.isdigit():
        # A number that no user can have is one that no ticket has.
        return AssigneeIds(user_id=int(id) if len(id) <= 10 and int(id) <= MAX_NUMBER else 0)
    role_id: UUID | None = uuid_of(id) if kind == "role" else None
    return AssigneeIds(role_id=role_id) if role_id else None


def _bound(text: str, field: str) -> dict[str, Any]:
    text = text.strip()
    if text == "all":
        return {field: None}
    return {field: text} if is_bound(text) else {}


def _several(field: str, normal: Callable[[str], str] = str) -> Callable[[str, int], dict[str, Any]]:
    def read(text: str, _: int) -> dict[str, Any]:
        found = tuple(dict.fromkeys(map(normal, _items(text)[:MAX_LISTED])))
        return {field: found} if found else {}

    return read


def _actor(text: str, user_id: int) -> dict[str, Any]:
    if text.strip() == PROGRAMS:
        return {"happened_by": PROGRAMS}
    who = _assignee(text.strip(), user_id)
    return {"happened_by": str(who.user_id)} if who is not None and who.user_id is not None else {}


def _part(text: str, _: int) -> dict[str, Any]:
    return {"distinct_id_part": text} if 0 < len(text) <= MAX_PART else {}


def _snoozed(text: str, _: int) -> dict[str, Any]:
    wanted = {"true": True, "false": False}.get(text.strip().lower())
    return {} if wanted is None else {"is_snoozed": wanted}


def _names(field: str) -> Callable[[str, int], dict[str, Any]]:
    def read(text: str, _: int) -> dict[str, Any]:
        try:
            listed = read_json(text)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(listed, list):
            return {}
        named = [normal_tag(storable(item)) for item in listed if isinstance(item, str)]
        found = tuple(dict.fromkeys(name for name in named if name))[:MAX_NAMES]
        return {field: found} if found or not listed else {}

    return read


def _search(text: str, _: int) -> dict[str, Any]:
    """Return the search. An operator in it, where there is one, is a further filter here, in place of one of that name."""
    return {"search": text.strip()} if len(text) <= MAX_SEARCH and not is_blank(text) else {}


def searched_number(search: str) -> int | None:
    """Return the number of the ticket that a search names, such as `#42`, or None where it is for a text.

    Zero, which no ticket has, stands for numbers that are too large.
    """
    digits = search.removeprefix("#")
    if not (digits.isascii() and digits.isdigit()):
        return None
    significant = digits.lstrip("0")
    return int(significant or 0) if len(significant) <= 10 and int(significant or 0) <= MAX_NUMBER else 0


def _mentioned(text: str, user_id: int) -> dict[str, Any]:
    return {"mentioned": user_id} if text.strip().lower() == "me" else {}


def _triage(text: str, _: int) -> dict[str, Any]:
    return {} if TRIAGE_RESULTS.isdisjoint(_items(text)) else {"is_triaged": True}


_READERS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "status": _statuses,
    "priority": _priorities,
    "channel_source": _one_of("channel_source", CHANNELS),
    "channel_detail": _one_of("channel_detail", CHANNEL_DETAILS),
    "assignee": _assignees,
    "date_from": lambda text, _: _bound(text, "date_from"),
    "date_to": lambda text, _: _bound(text, "date_to"),
    "distinct_ids": _several("distinct_ids"),
    "emails": _several("emails", normal_email),
    "distinct_id": _part,
    "sla": _one_of("sla", SLAS),
    "snoozed": _snoozed,
    "tags": _names("tags"),
    "tags_all": _names("tags_all"),
    "tags_exclude": _names("tags_exclude"),
    "ai_triage_result": _triage,
    "mentioned": _mentioned,
    "happened": _one_of("happened", HAPPENINGS),
    "happened_from": lambda text, _: _bound(text, "happened_from"),
    "happened_to": lambda text, _: _bound(text, "happened_to"),
    "happened_by": _actor,
    "search": _search,
}
