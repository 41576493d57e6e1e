"""The API of quick actions (docs/views.md#quick-actions)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.conversations.quick_actions import actions
from parley.conversations.quick_actions.queries import quick_action_by_short_id, quick_action_page
from parley.conversations.quick_actions.schemas import (
    NewQuickAction,
    QuickActionAnswer,
    QuickActionOut,
    QuickActionPatch,
    answered,
)
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest

QUICK_ACTIONS = "/api/projects/{project_id:str}/conversations/quick_actions"
QUICK_ACTION = QUICK_ACTIONS + "/{short_id:str}"


@get(QUICK_ACTIONS, guards=[needs("ticket:read")])
async def list_quick_actions(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> Page[QuickActionOut]:
    """List the quick actions of the team and the caller's own, by name."""
    asked = page_request(request)
    count, found = await quick_action_page(db, actor, asked)
    return page_of(request, asked, count, found)


@post(QUICK_ACTIONS, guards=[needs("ticket:write")])
async def create_quick_action(
    data: JSONBody[NewQuickAction], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> QuickActionAnswer:
    """Make a quick action, for the team unless `visibility` is `personal`."""
    return answered(await actions.create_quick_action(db, services, actor, data))


@get(QUICK_ACTION, guards=[needs("ticket:read")])
async def show_quick_action(
    short_id: FromPath[str], db: DbDependency, actor: ActorDependency
) -> QuickActionAnswer:
    """Show one quick action."""
    return answered(await quick_action_by_short_id(db, actor, short_id))


@patch(QUICK_ACTION, guards=[needs("ticket:write")])
async def change_quick_action(
    short_id: FromPath[str],
    data: JSONBody[QuickActionPatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> QuickActionAnswer:
    """Change the fields that the body has; only the creator may make it personal."""
    return answered(await actions.change_quick_action(db, services, actor, short_id, data))


@delete(QUICK_ACTION, guards=[needs("ticket:write")])
async def delete_quick_action(short_id: FromPath[str], db: DbDependency, actor: ActorDependency) -> None:
    """Delete a quick action for everybody."""
    await actions.delete_quick_action(db, actor, short_id)


handlers: list[Any] = [
    list_quick_actions,
    create_quick_action,
    show_quick_action,
    change_quick_action,
    delete_quick_action,
]
