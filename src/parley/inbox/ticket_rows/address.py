"""Which list somebody looks at, as it stands in the address of the page."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.conversations.ticket_list.rules.dates import is_bound
from parley.conversations.ticket_list.rules.filters import given_filters
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.tickets.rules.fields import STATUSES
from parley.inbox.ticket_rows.names import (
    ACTIVE,
    CHANNEL_NAMES,
    PRIORITY_NAMES,
    SLA_NAMES,
    SNOOZED_NAMES,
    WHO,
)
from parley.inbox.ticket_rows.queries.list_pages import InboxFilter
from parley.kernel.text.forms import normal_tag, storable
from parley.kernel.text.search_terms import MAX_SEARCH
from parley.people.persons.rules.distinct_ids import MAX_LENGTH as MAX_DISTINCT_ID

MAX_SHORT_ID, MAX_TEXT = 40, 2000
LATEST_FIRST = "-updated_at"
DAY = len("2026-01-31")
HAPPENED = ("happened", "happened_from", "happened_to", "happened_by")


class ListAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Which list somebody looks at, as it stands in the address. Several values have commas between them."""

    status: str = ""  # whatever goes without saying: see `chosen_status`
    who: str = "all"
    view: str = ""
    edits: str = ""  # a saved view whose filters are being changed: the list is none of its own
    search: str = ""
    customer: str = ""  # a distinct id; conversations under any other id of its person are meant, too
    priority: str = ""
    channel: str = ""
    assignee: str = ""
    sla: str = ""
    snoozed: str = ""  # whatever goes without saying: see `chosen_snoozed`
    tag: str = ""  # any of them
    tags_all: str = ""
    tags_exclude: str = ""
    date_from: str = ""
    date_to: str = ""
    happened: str = ""  # what the list behind a figure of a report is about, and when, and by whom
    happened_from: str = ""
    happened_to: str = ""
    happened_by: str = ""
    order: str = ""  # whatever goes without saying: see `chosen_order`
    after: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "ListAddress":
        """Read the address; what can't be read is the default. Fields of a form may come several times."""

        def one_of(name: str, choices: Collection[str], default: str = "") -> str:
            return query[name] if query.get(name) in choices else default

        who = one_of("who", WHO, "all")
        found = cls(
            status=_status(_all_of(query, "status")),
            who=who,
            view=query.get("view", "").strip()[:MAX_SHORT_ID],
            edits="" if query.get("view") else query.get("edits", "").strip()[:MAX_SHORT_ID],
            search=query.get("search", "").strip()[:MAX_SEARCH],
            customer=storable(query.get("customer", ""))[:MAX_DISTINCT_ID],
            priority=",".join(one for one in PRIORITY_NAMES if one in _all_of(query, "priority")),
            channel=one_of("channel", CHANNEL_NAMES),
            assignee=_assignees(_all_of(query, "assignee")) if who in ("all", "mentioned") else "",
            sla=one_of("sla", SLA_NAMES),
            snoozed=one_of("snoozed", SNOOZED_NAMES),
            tag=_tags(query, "tag"),
            tags_all=_tags(query, "tags_all"),
            tags_exclude=_tags(query, "tags_exclude"),
            date_from=_bound(query.get("since", "")) or _bound(query.get("date_from", "")),
            date_to=_bound(query.get("date_to", "")),
            **_happened(query),
            order=one_of("order", ORDERS),
            after=query.get("after") or None,
        )
        return found.without_what_goes_without_saying()

    def without_what_goes_without_saying(self) -> "ListAddress":
        """Return the same list by its shortest address."""
        bare = msgspec.structs.replace(self, status="", snoozed="", order="")
        status = "" if self.status == bare.chosen_status else self.status
        bare = msgspec.structs.replace(bare, status=status)
        snoozed = "" if self.snoozed == bare.chosen_snoozed else self.snoozed
        bare = msgspec.structs.replace(bare, snoozed=snoozed)
        order = "" if self.order == bare.chosen_order else self.order
        return msgspec.structs.replace(self, status=status, snoozed=snoozed, order=order)

    @property
    def chosen_status(self) -> str:
        """The status that is shown; empty where a saved view decides. Whoever looks for something looks at all of them."""
        if self.status or self.view:
            return self.status
        return "all" if self.search or self.customer or self.happened else "active"

    @property
    def chosen_snoozed(self) -> str:
        """Whether snoozed tickets are shown: they wait elsewhere while somebody looks at what is to be done."""
        if self.snoozed:
            return self.snoozed
        looks_for_something = bool(self.view or self.search or self.customer or self.sla or self.happened)
        looks_for_something = looks_for_something or self.who == "mentioned"
        return "all" if looks_for_something or self.chosen_status != "active" else "false"

    @property
    def chosen_order(self) -> str:
        """The order that is shown; empty where a saved view decides."""
        if self.order or self.view:
            return self.order
        if self.snoozed == "true":
            return "snoozed_until"
        return "sla_due_at" if self.sla == "breached" else LATEST_FIRST

    @property
    def is_plain(self) -> bool:
        """Whether only status and assignee narrow it down, as the lists that every team looks at all day do."""
        is_usual = self.who in ("all", "mine", "unassigned") and self.chosen_order == LATEST_FIRST
        return is_usual and not (self.view or self.search or self.n_filters)

    @property
    def narrowing(self) -> Sequence[str]:
        """The fields, beside status, search and view, that narrow it down."""
        names = (
            "customer", "priority", "channel", "assignee", "sla", "snoozed", "tag", "tags_all", "tags_exclude",
            "date_from", "date_to", "happened",
        )  # fmt: skip
        return [name for name in names if getattr(self, name)]

    @property
    def n_filters(self) -> int:
        return len(self.narrowing)

    @property
    def statuses(self) -> tuple[str, ...]:
        named = {"active": ACTIVE, "all": (), "": ()}
        return named.get(self.chosen_status, tuple(self.chosen_status.split(",")))

    @property
    def filter(self) -> InboxFilter:
        who: Any = self.who
        return InboxFilter(statuses=self.statuses, who=who, hides_snoozed=self.chosen_snoozed == "false")

    @property
    def asked(self) -> dict[str, str]:
        """The same list as the API's list of tickets is asked for it."""
        statuses = self.statuses if self.chosen_status != "all" else STATUSES
        whose = {"mine": "me", "unassigned": "unassigned"}
        found = {
            "status": ",".join(statuses),
            "assignee": whose.get(self.who, self.assignee),
            "mentioned": "me" if self.who == "mentioned" else "",
            "view": self.view,
            "search": self.search,
            "priority": self.priority,
            "channel_source": self.channel,
            "sla": self.sla,
            "snoozed": {"all": ""}.get(self.chosen_snoozed, self.chosen_snoozed),
            "tags": _json(self.tag),
            "tags_all": _json(self.tags_all),
            "tags_exclude": _json(self.tags_exclude),
            "date_from": self.date_from,
            "date_to": self.date_to,
            **{name: getattr(self, name) for name in HAPPENED},
            "order_by": self.chosen_order if self.chosen_order != LATEST_FIRST else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def query(self) -> str:
        """The part of an address that leads to this list, with its question mark, or nothing."""
        parameters = self.parameters
        return f"?{urlencode(parameters)}" if parameters else ""

    @property
    def parameters(self) -> dict[str, str]:
        """What an address or a form says to come to this list."""
        if self == _PLAIN:
            return {}
        parts = zip(self.__struct_fields__, msgspec.structs.astuple(self), _DEFAULTS, strict=True)
        return {name: value for name, value, default in parts if value != default}

    def replaced(self, **changes: Any) -> "ListAddress":
        changed = msgspec.structs.replace(self, **{"after": None, **changes})
        return changed.without_what_goes_without_saying()


_PLAIN = ListAddress()
_DEFAULTS = msgspec.structs.astuple(_PLAIN)


def listed(text: str) -> list[str]:
    """Return values that have commas between them."""
    return [item for item in text.split(",") if item]


def _all_of(query: Mapping[str, str], name: str) -> list[str]:
    """Return every value of a name, those of one field divided at its commas."""
    getall = getattr(query, "getall", None)
    given = getall(name, []) if getall else [query[name]] if name in query else []
    return [item.strip() for text in given for item in text[:MAX_TEXT].split(",")]


def _status(given: Sequence[str]) -> str:
    named = [status for status in STATUSES if status in given]
    if len(named) == len(STATUSES) or "all" in given:
        return "all"
    if "active" in given or tuple(named) == ACTIVE:
        return "active"
    return ",".join(named)


def _assignees(given: Sequence[str]) -> str:
    """Return those of the values that the API's filter can read."""
    readable = [one for one in given[:20] if given_filters({"assignee": one}, 0)]
    return ",".join(dict.fromkeys(readable))


def _tags(query: Mapping[str, str], name: str) -> str:
    names = (normal_tag(one) for one in _all_of(query, name)[:50])
    return ",".join(dict.fromkeys(one for one in names if one))


def _happened(query: Mapping[str, str]) -> dict[str, str]:
    """Return what the API's filters can read of it; nothing where it doesn't say what happened."""
    given = {name: query[name].strip() for name in HAPPENED if query.get(name)}
    return {name: given[name] for name in given_filters(given, 0)}


def _json(names: str) -> str:
    return msgspec.json.encode(listed(names)).decode() if names else ""


def _bound(text: str) -> str:
    text = text.strip()
    return text if is_bound(text) else ""
