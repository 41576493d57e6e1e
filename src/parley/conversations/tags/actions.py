"""Renaming, merging and deleting tags: batches of tickets, each a short transaction of its own.

The tickets keep their `updated_at`: nothing has happened in the conversations, and lists stay in their order.
"""

from collections.abc import Sequence
from uuid import UUID

from parley.accounts.access_levels.queries.levels import check_manages_all
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.bulk_changes.queries import locked_tickets, tags_of_tickets
from parley.conversations.held_replies.queries import author_of
from parley.conversations.quick_actions.actions import rename_tag_in_quick_actions
from parley.conversations.saved_views.actions import rename_tag_in_views
from parley.conversations.tags.errors import TagExists, TagsBusy
from parley.conversations.tags.queries import counted_tags, next_with_tag
from parley.conversations.tags.schemas import TagChange, TagChangeOut, TagRename
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import fields_changed
from parley.conversations.ticket_changes.rules.events import Occasion, occasion_of
from parley.conversations.ticket_changes.rules.log import NOBODY, By, Retagged
from parley.conversations.tickets.actions.tags import move_tag
from parley.conversations.tickets.rules.tags import MAX_TAG_LENGTH
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound, Unavailable, blank, too_long
from parley.kernel.http.authorization import Actor
from parley.kernel.jobs import Work, enqueue, is_waiting
from parley.kernel.services import Services
from parley.kernel.text.forms import normal_tag

WORK = "tags.change_tickets"
BATCH = 200
"""Tickets of one transaction: a fraction of a second, in which others wait for these tickets at most."""
FIRST = UUID(int=0)
TURN = 0x7467
"""The turns of changes of tags in a project: of two at the same moment, the second one sees what the first one did."""


async def rename_tag(db: Db, services: Services, actor: Actor, wanted: TagRename) -> TagChangeOut:
    """Give a tag another name on all tickets of the project, in its views and quick actions.

    Raises Invalid, NotFound, PermissionDenied and Conflict."""
    name, to = _normal(wanted.name, "name"), _normal(wanted.to, "to")
    found = await _checked(db, actor, name, to)
    if name == to:
        raise Invalid("The tag is called so already. Choose another name.", attr="to")
    if to in found and not wanted.merge:
        raise TagExists(to)
    action = "tag.merged" if to in found else "tag.renamed"
    await rename_tag_in_views(db, actor.project_id, name, to)
    await rename_tag_in_quick_actions(db, actor.project_id, name, to)
    return await _start(db, services, actor, TagChange(name, to), found[name], action)


async def delete_tag(db: Db, services: Services, actor: Actor, name: str) -> TagChangeOut:
    """Take a tag from all tickets of the project. Raises Invalid, NotFound, PermissionDenied and Conflict."""
    name = _normal(name, "name")
    found = await _checked(db, actor, name)
    return await _start(db, services, actor, TagChange(name), found[name], "tag.deleted")


def _normal(name: str, attr: str) -> str:
    normal = normal_tag(name)
    if not normal:
        raise blank(attr)
    if len(normal) > MAX_TAG_LENGTH:
        raise too_long(MAX_TAG_LENGTH, attr)
    return normal


async def _checked(db: Db, actor: Actor, *names: str) -> dict[str, int]:
    """Return how many tickets have each of the tags; the first one must be there, and the caller a manager."""
    await check_manages_all(db, actor)
    await take_turn(db, TURN, actor.project_id)
    found = {one.name: one.ticket_count for one in await counted_tags(db, actor, names)}
    if names[0] not in found:
        raise NotFound("No conversation has this tag.")
    if await is_waiting(db, WORK, project_id=actor.project_id):
        raise TagsBusy
    return found


async def _start(
    db: Db, services: Services, actor: Actor, change: TagChange, count: int, action: str
) -> TagChangeOut:
    """Change the first tickets at once, which mostly are all; have the others changed in the background."""
    await record_in_project(
        db,
        services,
        actor.project_id,
        action,
        target=("tag", change.name, change.name),
        after={"into": change.into, "tickets": count},
    )
    last = await _change_some(db, services, occasion_of(actor, services.clock.now()), change, FIRST)
    if last is not None:
        payload = {"name": change.name, "into": change.into, "user_id": actor.user_id}
        await enqueue(db, WORK, payload, project_id=actor.project_id)
    return TagChangeOut(count, last is None)


async def change_the_rest(services: Services, work: Work) -> None:
    """Go on with a change of a tag until every ticket has it, or the process ends. Safe to run twice and in two processes.

    It passes each ticket once, so that two changes in opposite directions come to an end, too.
    """
    told = work.payload
    last: UUID | None = FIRST
    change = TagChange(told["name"], told["into"])
    author = await author_of(services, work.project_id, told["user_id"])
    while last is not None:
        if work.stopping.is_set():
            raise Unavailable("The server is stopping; it goes on after the start.")
        async with work.turns, services.database.transaction() as db:
            project = (await projects_by_ids(db, [work.project_id])).get(work.project_id)
            if project is None:
                return
            by = By(author.principal) if author is not None else NOBODY
            on = Occasion(project, services.clock.now(), by)
            last = await _change_some(db, services, on, change, last)


async def _change_some(
    db: Db, services: Services, on: Occasion, change: TagChange, after: UUID
) -> UUID | None:
    """Change the next tickets that have a tag; return the last of them, None when no more follow.

    Deleted and merged tickets change, too, so that the old name doesn't come back with them; nobody is told of these.
    """
    project_id = on.project.id
    ids = await next_with_tag(db, project_id, change.name, after, BATCH)
    if not ids:
        return None
    locked = await locked_tickets(db, project_id, ids)
    present = await tags_of_tickets(db, project_id, list(locked))
    await move_tag(db, project_id, ids, change.name, change.into)
    await announce(
        db,
        services,
        *(
            fields_changed(on, one, {}, _retagged(change, present[id]))
            for id, one in locked.items()
            if change.name in present.get(id, ())
        ),
    )
    return ids[-1] if len(ids) == BATCH else None


def _retagged(change: TagChange, present: Sequence[str]) -> Retagged:
    is_new = change.into is not None and change.into not in present
    return Retagged([change.into] if is_new and change.into else [], [change.name])
