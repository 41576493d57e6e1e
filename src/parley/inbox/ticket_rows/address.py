"""Which list somebody looks at, as it stands in the address of the page."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.conversations.tickets.rules.fields import STATUSES
from parley.inbox.ticket_rows.names import ACTIVE, PRIORITY_NAMES, SLA_NAMES, WHO
from parley.inbox.ticket_rows.queries import InboxFilter
from parley.kernel.text.search_terms import MAX_SEARCH

MAX_SHORT_ID = 40


class ListAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Which list somebody looks at, as it stands in the address."""

    status: str = ""  # whatever goes without saying: see `chosen_status`
    who: str = "all"
    view: str = ""
    search: str = ""
    priority: str = ""
    sla: str = ""
    tag: str = ""
    after: str | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "ListAddress":
        """Read the address; what can't be read is the default."""

        def one_of(name: str, choices: Collection[str], default: str = "") -> str:
            return query[name] if query.get(name) in choices else default

        found = cls(
            status=one_of("status", ("active", *STATUSES, "all")),
            who=one_of("who", WHO, "all"),
            view=query.get("view", "").strip()[:MAX_SHORT_ID],
            search=query.get("search", "").strip()[:MAX_SEARCH],
            priority=one_of("priority", PRIORITY_NAMES),
            sla=one_of("sla", SLA_NAMES),
            tag=query.get("tag", "").strip(),
            after=query.get("after") or None,
        )
        goes_without_saying = found.status == found.replaced(status="").chosen_status
        return msgspec.structs.replace(found, status="") if goes_without_saying else found

    @property
    def chosen_status(self) -> str:
        """The status that is shown; empty where a saved view decides. Whoever searches looks at all of them."""
        if self.status or self.view:
            return self.status
        return "all" if self.search else "active"

    @property
    def is_plain(self) -> bool:
        """Whether only status and assignee narrow it down, as the lists that every team looks at all day do."""
        return not (self.view or self.search or self.n_filters)

    @property
    def n_filters(self) -> int:
        return sum(map(bool, (self.priority, self.sla, self.tag)))

    @property
    def statuses(self) -> tuple[str, ...]:
        named = {"active": ACTIVE, "all": (), "": ()}
        return named.get(self.chosen_status, (self.chosen_status,))

    @property
    def filter(self) -> InboxFilter:
        who: Any = self.who
        return InboxFilter(statuses=self.statuses, who=who)

    @property
    def asked(self) -> dict[str, str]:
        """The same list as the API's list of tickets is asked for it."""
        statuses = self.statuses if self.chosen_status != "all" else STATUSES
        whose = {"mine": "me", "unassigned": "unassigned"}
        found = {
            "status": ",".join(statuses),
            "assignee": whose.get(self.who, ""),
            "view": self.view,
            "search": self.search,
            "priority": self.priority,
            "sla": self.sla,
            "tags": msgspec.json.encode([self.tag]).decode() if self.tag else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def query(self) -> str:
        """The part of an address that leads to this list, with its question mark, or nothing."""
        return f"?{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def parameters(self) -> dict[str, str]:
        """What an address or a form says to come to this list."""
        default = ListAddress()
        parts = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in parts.items() if value != getattr(default, name)}

    def replaced(self, **changes: Any) -> "ListAddress":
        return msgspec.structs.replace(self, **{"after": None, **changes})
