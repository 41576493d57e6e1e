"""Many tickets at once (docs/tickets.md#many-at-once)."""

from typing import Any

from litestar import post
from litestar.params import JSONBody

from parley.conversations.bulk_changes import actions
from parley.conversations.bulk_changes.schemas import (
    BulkAssignee,
    BulkChangeOut,
    BulkPriority,
    BulkSnooze,
    BulkStatus,
    BulkStatusOut,
    BulkTags,
    BulkTagsOut,
)
from parley.conversations.tickets import TICKETS
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs


@post(TICKETS + "/bulk_update_tags", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_tags(
    data: JSONBody[BulkTags], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkTagsOut:
    """Add tags to up to 500 tickets, remove them, or set them; names the tickets that weren't found."""
    return await actions.change_tags(db, services, actor, data)


@post(TICKETS + "/bulk_update_status", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_status(
    data: JSONBody[BulkStatus], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkStatusOut:
    """Give up to 500 tickets a status; answers with those that didn't have it."""
    return await actions.change_statuses(db, services, actor, data)


@post(TICKETS + "/bulk_update_priority", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_priority(
    data: JSONBody[BulkPriority], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkChangeOut:
    """Give up to 500 tickets a priority, or none; names those that changed and those that weren't found."""
    return await actions.change_priorities(db, services, actor, data)


@post(TICKETS + "/bulk_update_assignee", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_assignee(
    data: JSONBody[BulkAssignee], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkChangeOut:
    """Give up to 500 tickets to somebody, or to nobody; names those that changed and those that weren't found."""
    return await actions.assign_tickets(db, services, actor, data)


@post(TICKETS + "/bulk_update_snooze", guards=[needs("ticket:write")], status_code=200)
async def bulk_update_snooze(
    data: JSONBody[BulkSnooze], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> BulkChangeOut:
    """Snooze up to 500 tickets until a time, or wake them up; names those that changed and those that weren't found."""
    return await actions.snooze_tickets(db, services, actor, data)


handlers: list[Any] = [
    bulk_update_tags,
    bulk_update_status,
    bulk_update_priority,
    bulk_update_assignee,
    bulk_update_snooze,
]
