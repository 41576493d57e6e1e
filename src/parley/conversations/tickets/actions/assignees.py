"""Who shall take care of a ticket, as requests name them."""

from typing import Any

from parley.accounts.memberships.queries import is_member
from parley.accounts.roles.queries import is_role_of
from parley.conversations.tickets.rules.assignees import (
    AssigneeIds,
    checked_assignee,
    not_a_member,
    not_a_role_here,
)
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Project


async def known_assignee(db: Db, project: Project, value: Any) -> AssigneeIds:
    """Return whom a request names; raises Invalid unless they belong to the project's organization."""
    named = checked_assignee(value)
    organization_id = project.organization_id
    if named.user_id is not None and not await is_member(db, organization_id, named.user_id):
        raise not_a_member()
    if named.role_id is not None and not await is_role_of(db, organization_id, named.role_id):
        raise not_a_role_here()
    return named
