"""The sections of the inbox and the saved views, as they stand beside the list."""

from collections.abc import Mapping, Sequence

import msgspec

from parley.conversations.saved_views.queries import ViewChoice
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.names import shortened
from parley.inbox.ticket_rows.queries.counts import MOST_COUNTED, SectionCounts


class InboxSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the inbox; `count` is how many unresolved tickets it has, as it is shown."""

    key: str
    name: str
    path: str
    icon: str
    is_chosen: bool
    count: str = ""


class ViewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view in the rail."""

    short_id: str
    name: str
    path: str
    is_chosen: bool
    is_favorited: bool
    is_private: bool
    count: str = ""


class Rail(msgspec.Struct, frozen=True):
    """What stands left of the list; `title` names the list that is open."""

    sections: Sequence[InboxSection]
    views: Sequence[ViewLink]
    title: str


SECTIONS = {
    "mine": ("Mine", "person", ListAddress(who="mine")),
    "unassigned": ("Unassigned", "inbox", ListAddress(who="unassigned")),
    "all": ("All", "list", ListAddress()),
    "mentioned": ("Mentioned", "at", ListAddress(who="mentioned")),
    "snoozed": ("Snoozed", "moon", ListAddress(snoozed="true")),
    "overdue": ("Overdue", "clock", ListAddress(sla="breached")),
}


def rail_of(
    address: ListAddress, counts: SectionCounts, views: Sequence[ViewChoice], view_counts: Mapping[str, int]
) -> Rail:
    """Make the rail. A section stays chosen while its list is narrowed down further."""
    chosen = chosen_section(address)
    sections = [
        InboxSection(
            key=key,
            name=name,
            path=f"/inbox{section.query}",
            icon=icon,
            is_chosen=key == chosen,
            count=_said(getattr(counts, key)),
        )
        for key, (name, icon, section) in SECTIONS.items()
    ]
    links = [_link(one, address, view_counts.get(one.short_id, 0)) for one in views]
    chosen_names = [one.name for one in links if one.is_chosen] + [
        one.name for one in sections if one.is_chosen
    ]
    title = next(iter(chosen_names), "Conversations")
    return Rail(sections, links, "Search" if address.search and not address.view else title)


def chosen_section(address: ListAddress) -> str | None:
    """Return the section that a list belongs to; a saved view belongs to none."""
    if address.view or address.edits:
        return None
    if address.who != "all":
        return address.who
    if address.snoozed == "true":
        return "snoozed"
    return "overdue" if address.sla == "breached" else "all"


def _link(one: ViewChoice, address: ListAddress, count: int) -> ViewLink:
    return ViewLink(
        short_id=one.short_id,
        name=shortened(one.name, 80),
        path=f"/inbox{ListAddress(view=one.short_id).query}",
        is_chosen=one.short_id == (address.view or address.edits),
        is_favorited=one.is_favorited,
        is_private=one.visibility == "private",
        count=_said(count),
    )


def _said(count: int) -> str:
    if count >= MOST_COUNTED:
        return f"{MOST_COUNTED - 1}+"
    return str(count) if count else ""
