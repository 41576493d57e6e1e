"""What is said above the list: what a bulk change did, and the button that undoes it."""

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

import msgspec

from parley.accounts.access_levels.queries.levels import level_of
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.bulk_changes.queries import own_bulk_change, own_bulk_changes
from parley.conversations.bulk_changes.rules import may_be_undone
from parley.conversations.bulk_changes.schemas import BulkChange
from parley.conversations.deletion.queries import deleted_since
from parley.conversations.deletion.rules import restorable_since
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets.rules.ids import id_or_number
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.formats import count_of

MOST_NAMED, MOST_LISTED = 10, 20


class Told(msgspec.Struct, frozen=True):
    """A sentence; what can be undone has a path, and the rows that it was about stay ticked.

    `before` is the bulk change that can be undone next, after a later one was.
    """

    text: str = ""
    undo_path: str | None = None
    ticked: Set[UUID] = frozenset()
    before: "Told | None" = None


async def told_of(services: Services, actor: Actor, query: Mapping[str, str]) -> Told:
    """Say what became of the bulk change or the ticket that the address of the page names, as long as it is so."""
    if query.get("deleted") or query.get("unread"):
        return await _told_of_ticket(services, actor, query)
    id = uuid_or_none(query.get("done", ""))
    done = await own_bulk_change(services.database, actor, id) if id else None
    if done is None:
        return Told()
    chosen = set(done.chosen)
    if done.undone_at:
        return Told(words_of_undo(done), None, chosen, await _before(services, actor))
    return Told(words_of_change(done), _undo_path(done, services), chosen)


async def _told_of_ticket(services: Services, actor: Actor, query: Mapping[str, str]) -> Told:
    """Say that a ticket is deleted, which can be undone, or that it is unread again."""
    number, since = id_or_number(query.get("deleted", "")), restorable_since(services.clock.now())
    if isinstance(number, int):
        id = await deleted_since(services.database, actor.project_id, number, since)
        may_undo = id is not None and is_at_least(await level_of(services.database, actor, id), "editor")
        return Told(f"#{number} is deleted.", f"/inbox/{number}/restore") if may_undo else Told()
    try:
        left = await ticket_by_key(services.database, actor, query.get("unread", ""))
    except (NotFound, PermissionDenied):
        return Told()
    return Told(f"#{left.ticket_number} is unread again.") if left.unread_team_count else Told()


def _undo_path(done: BulkChange, services: Services) -> str | None:
    can_undo = bool(done.changed) and may_be_undone(done.created_at, services.clock.now())
    return f"/inbox/bulk/{done.id}/undo" if can_undo else None


async def _before(services: Services, actor: Actor) -> Told | None:
    """Return the last bulk change that is not undone: as whatever came behind it is, its tickets are as it left them."""
    listed = PageRequest(limit=MOST_LISTED)
    _, changes = await own_bulk_changes(services.database, actor, listed, services.clock.now())
    last = next((one for one in changes if one.can_undo), None)
    found = await own_bulk_change(services.database, actor, last.id) if last else None
    path = _undo_path(found, services) if found else None
    return Told(words_of_change(found), path) if found and path else None


def words_of_change(done: BulkChange) -> str:
    """Say what a bulk change did."""
    if done.changed:
        said = f"{count_of(len(done.changed), 'conversation')} {done.words}."
    else:
        said = "Nothing has changed: the conversations were so already."
    if not done.n_skipped:
        return said
    if len(done.chosen) == done.n_skipped:
        said = "Nothing has changed."
    return f"{said} {done.n_skipped} stayed as they were: they are gone, or you may not change them."


def words_of_undo(done: BulkChange) -> str:
    """Say what undoing a bulk change did."""
    n_back = len(done.changed) - len(done.kept_numbers)
    said = f"Undone: {count_of(n_back, 'conversation')} as before." if n_back else "Nothing was undone."
    if not done.kept_numbers:
        return said
    verb = "was" if len(done.kept_numbers) == 1 else "were"
    return f"{said} {_named(done.kept_numbers)} {verb} changed meanwhile, and not put back."


def _named(numbers: Sequence[int]) -> str:
    """Name tickets by their numbers, the first of them where they are many."""
    named = [f"#{number}" for number in sorted(numbers)]
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED], f"{len(named) - MOST_NAMED} more"]
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)
