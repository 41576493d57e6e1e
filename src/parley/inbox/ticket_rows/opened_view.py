"""The saved view that is open: what may be done with it, and the list that it shows."""

import msgspec

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.saved_views.queries import view_by_short_id
from parley.conversations.saved_views.rules import read_filters
from parley.conversations.saved_views.schemas import ViewOut
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.view_filters import list_of_filters, merged
from parley.kernel.database.database import Database
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor


class OpenedView(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view that is open; `own` is its list in its own words, `shown` the same with what the address says besides."""

    short_id: str
    name: str
    is_private: bool
    is_favorited: bool
    is_edited: bool
    may_change: bool
    may_hide: bool
    own: ListAddress
    shown: ListAddress

    @property
    def edit_path(self) -> str:
        return f"/inbox{self.shown.replaced(edits=self.short_id).query}"


async def opened_view(database: Database, actor: Actor, address: ListAddress) -> OpenedView | None:
    """Return the view of an address, open or being changed; None without one that the caller sees."""
    short_id = address.view or address.edits
    if not short_id:
        return None
    async with database.transaction(write=False) as db:
        try:
            found = await view_by_short_id(db, actor, short_id)
        except NotFound:
            return None
    return _opened(found, actor, address)


def _opened(found: ViewOut, actor: Actor, address: ListAddress) -> OpenedView:
    own = list_of_filters(read_filters(msgspec.json.encode(found.filters).decode()))
    shown = merged(own, address) if address.view else msgspec.structs.replace(address, edits="", after=None)
    is_private = found.visibility == "private"
    return OpenedView(
        short_id=found.short_id,
        name=found.name,
        is_private=is_private,
        is_favorited=found.is_favorited,
        is_edited=bool(address.edits) or shown != own,
        may_change=is_private or is_at_least(default_level(actor), "editor"),
        may_hide=found.created_by is not None and found.created_by.id == actor.user_id,
        own=own,
        shown=shown,
    )
