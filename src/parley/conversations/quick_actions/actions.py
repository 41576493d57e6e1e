"""Making, changing and deleting quick actions."""

from typing import Any

from msgspec import convert, structs, to_builtins
from sqlalchemy import delete, insert, update

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import check_may_share
from parley.accounts.memberships.queries import is_member
from parley.accounts.roles.queries import is_role_of
from parley.conversations.quick_actions.queries import held_actions, quick_action_by_short_id
from parley.conversations.quick_actions.rules import check_says_something, check_visibility_change
from parley.conversations.quick_actions.schemas import NewQuickAction, QuickActionOut, QuickActionPatch
from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.ticket_api.ticket_actions import TicketActions, checked_actions, stored_actions
from parley.conversations.tickets.rules.assignees import (
    RoleAssignee,
    UserAssignee,
    not_a_member,
    not_a_role_here,
)
from parley.conversations.tickets.rules.comments import check_rich_content
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.services import Services

SHORT_ID_LENGTH = 8


async def create_quick_action(
    db: Db, services: Services, actor: Actor, new: NewQuickAction
) -> QuickActionOut:
    """Make a quick action; raises Invalid and PermissionDenied."""
    if new.visibility == "team":
        check_may_share(default_level(actor), "make a quick action of the team")
    check_rich_content(new.rich_content)
    set_on_ticket = checked_actions(new.actions)
    check_says_something(new.content, new.rich_content, set_on_ticket)
    await _check_assignee(db, actor, set_on_ticket)
    short_id, now = new_token(length=SHORT_ID_LENGTH), services.clock.now()
    values = {**structs.asdict(new), "actions": to_builtins(set_on_ticket)}
    await db.execute(
        insert(quick_action).values(
            **values,
            project_id=actor.project_id,
            id=new_uuid(),
            short_id=short_id,
            created_by=actor.user_id,
            created_at=now,
            updated_at=now,
        )
    )
    return await quick_action_by_short_id(db, actor, short_id)


async def change_quick_action(
    db: Db, services: Services, actor: Actor, short_id: str, patch: QuickActionPatch
) -> QuickActionOut:
    """Change what the patch names; nothing is stored unless all of it may be.

    Raises NotFound, Invalid and PermissionDenied.
    """
    found = await quick_action_by_short_id(db, actor, short_id, is_held=True)
    given = patched_fields(patch)
    check_rich_content(given.get("rich_content"))
    if "actions" in given:
        set_on_ticket = checked_actions(given["actions"])
        await _check_assignee(db, actor, set_on_ticket)
        given["actions"] = to_builtins(set_on_ticket)
    is_creator = found.created_by is not None and found.created_by.id == actor.user_id
    check_visibility_change(
        found.visibility, given.get("visibility", found.visibility), is_creator=is_creator
    )
    _check_still_says_something(found, given)
    if given and "team" in (found.visibility, given.get("visibility")):
        check_may_share(default_level(actor), "change a quick action of the team")
    if given:
        mine = (quick_action.c.project_id == actor.project_id, quick_action.c.id == found.id)
        await db.execute(update(quick_action).where(*mine).values(**given, updated_at=services.clock.now()))
    return await quick_action_by_short_id(db, actor, short_id)


async def rename_tag_in_quick_actions(db: Db, project_id: int, name: str, to: str) -> None:
    """Let all quick actions of a project that give tickets a tag give its new name; safe to repeat."""
    for id, stored in await held_actions(db, project_id):
        tags = stored_actions(stored).tags
        if name in tags:
            renamed = sorted({to if one == name else one for one in tags})
            this = (quick_action.c.project_id == project_id, quick_action.c.id == id)
            await db.execute(update(quick_action).where(*this).values(actions={**stored, "tags": renamed}))


def _check_still_says_something(found: QuickActionOut, given: dict[str, Any]) -> None:
    after = structs.replace(found, **given)
    check_says_something(after.content, after.rich_content, convert(after.actions, TicketActions))


async def delete_quick_action(db: Db, actor: Actor, short_id: str) -> None:
    """Delete a quick action that the caller sees, for everybody; raises NotFound and PermissionDenied."""
    found = await quick_action_by_short_id(db, actor, short_id, is_held=True)
    if found.visibility == "team":
        check_may_share(default_level(actor), "delete a quick action of the team")
    mine = (quick_action.c.project_id == actor.project_id, quick_action.c.id == found.id)
    await db.execute(delete(quick_action).where(*mine))


async def _check_assignee(db: Db, actor: Actor, set_on_ticket: TicketActions) -> None:
    """Raise Invalid when the actions name somebody who is not in the organization."""
    named, organization_id = set_on_ticket.assignee, actor.project.organization_id
    if isinstance(named, UserAssignee) and not await is_member(db, organization_id, named.id):
        raise not_a_member("actions__assignee")
    if isinstance(named, RoleAssignee) and not await is_role_of(db, organization_id, named.id):
        raise not_a_role_here("actions__assignee")
