"""Many tickets at once (docs/tickets.md#many-at-once)."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.conversations.bulk_changes import BULK_CHANGES, actions, undoing
from parley.conversations.bulk_changes.queries import own_bulk_changes
from parley.conversations.bulk_changes.schemas import (
    BulkAssignee,
    BulkChangeListed,
    BulkChangeOut,
    BulkPriority,
    BulkSnooze,
    BulkStatus,
    BulkStatusOut,
    BulkTags,
    BulkTagsOut,
    BulkUndone,
)
from parley.conversations.tickets import TICKETS
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import Actor, needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.services import Services

CHANGE_ID = "Bulk-Change-Id"
"""The header that names what was done, so that it can be undone. The bodies of two answers are PostHog's."""
T = TypeVar("T")


async def _answer(
    db: Db,
    services: Services,
    actor: Actor,
    wanted: undoing.Wanted,
    change: Callable[[Db, Services, Actor, undoing.Wanted], Awaitable[T]],
) -> Response[T]:
    answer, id = await undoing.change_and_keep(db, services, actor, wanted, change)
    return Response(answer, headers={CHANGE_ID: str(id)} if id else {})


@post(TICKETS + "/bulk_update_tags", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_tags(
    data: JSONBody[BulkTags], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Response[BulkTagsOut]:
    """Add tags to up to 500 tickets, remove them, or set them; names the tickets that weren't found."""
    return await _answer(db, services, actor, data, actions.change_tags)


@post(TICKETS + "/bulk_update_status", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_status(
    data: JSONBody[BulkStatus], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Response[BulkStatusOut]:
    """Give up to 500 tickets a status; answers with those that didn't have it."""
    return await _answer(db, services, actor, data, actions.change_statuses)


@post(TICKETS + "/bulk_update_priority", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_priority(
    data: JSONBody[BulkPriority], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Response[BulkChangeOut]:
    """Give up to 500 tickets a priority, or none; names those that changed and those that weren't found."""
    return await _answer(db, services, actor, data, actions.change_priorities)


@post(TICKETS + "/bulk_update_assignee", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_assignee(
    data: JSONBody[BulkAssignee], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Response[BulkChangeOut]:
    """Give up to 500 tickets to somebody, or to nobody; names those that changed and those that weren't found."""
    return await _answer(db, services, actor, data, actions.assign_tickets)


@post(TICKETS + "/bulk_update_snooze", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_snooze(
    data: JSONBody[BulkSnooze], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Response[BulkChangeOut]:
    """Snooze up to 500 tickets until a time, or wake them up; names those that changed and those that weren't found."""
    return await _answer(db, services, actor, data, actions.snooze_tickets)


@get(BULK_CHANGES, guards=[needs("ticket:read")])
async def list_bulk_changes(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[BulkChangeListed]:
    """List the changes of many tickets that the caller made within the last hour, the last one first."""
    asked = page_request(request)
    count, found = await own_bulk_changes(services.database, actor, asked, services.clock.now())
    return page_of(request, asked, count, found)


@post(BULK_CHANGES + "/{bulk_change_id:str}/undo", guards=[needs("ticket:write")], status_code=200)
async def undo_bulk_change(
    bulk_change_id: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkUndone:
    """Put back what the caller changed up to 10 minutes ago, on tickets that nobody has changed since."""
    done = await undoing.undo_bulk_change(db, services, actor, uuid_in_path(bulk_change_id))
    return undoing.undone(done)


handlers: list[Any] = [
    bulk_update_tags,
    bulk_update_status,
    bulk_update_priority,
    bulk_update_assignee,
    bulk_update_snooze,
    list_bulk_changes,
    undo_bulk_change,
]
