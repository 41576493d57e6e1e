"""Levels as they hold for a caller, of one ticket and of many."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from parley.accounts.access_levels.queries.visibility import (
    FOR_CALLER,
    LEVEL_AND_GRANTEE,
    NOT_MANAGED_TICKETS,
    ON_TICKETS,
    access_values,
)
from parley.accounts.access_levels.rules import (
    BUILT_IN,
    StoredLevel,
    check_at_least,
    deciding_level,
    is_at_least,
)
from parley.accounts.access_levels.tables import access_control
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import AccessLevel, Actor, Rights


def default_level(actor: Actor) -> AccessLevel:
    """Return the caller's level on tickets without a row of their own, and on those that are yet to be opened."""
    if actor.rights is None:
        return "manager" if actor.is_admin else BUILT_IN
    return actor.rights.level


def changes_any_ticket(actor: Actor) -> bool:
    """Say whether there can be a ticket that the caller changes."""
    return is_at_least(default_level(actor), "editor") or (
        actor.rights is not None and actor.rights.has_exceptions
    )


_NOT_MANAGED = Prepared(NOT_MANAGED_TICKETS.limit(1))


async def check_manages_all(source: Db | Database, actor: Actor) -> None:
    """Raise PermissionDenied for who isn't a manager of each ticket, whichever they are (ix_access_control_resource)."""
    check_at_least(default_level(actor), "manager")
    if actor.rights is None or not actor.rights.has_exceptions:
        return
    read = source.rows if isinstance(source, Db) else source.read
    if await read(_NOT_MANAGED, project_id=actor.project_id, **access_values(actor)):
        raise PermissionDenied(
            "You have less than manager access to some tickets, which this would change, too."
        )


_ROWS_OF_MANY = Prepared(
    select(access_control.c.resource_id, *LEVEL_AND_GRANTEE).where(
        ON_TICKETS,
        is_one_of(access_control.c.resource_id, listed("ids", access_control.c.resource_id)),
        FOR_CALLER,
    )
)


async def levels_of(source: Db | Database, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, AccessLevel]:
    """Return the caller's level on each of these tickets (ix_access_control_resource)."""
    rights, elsewhere = actor.rights, default_level(actor)
    if rights is None:
        return dict.fromkeys(ids, elsewhere)
    return await levels_with(source, actor.project_id, rights, ids)


async def levels_with(
    source: Db | Database, project_id: int, rights: Rights, ids: Sequence[UUID]
) -> dict[UUID, AccessLevel]:
    """Return the level that these rights give on each of the tickets (ix_access_control_resource)."""
    elsewhere = rights.level
    if not rights.has_exceptions or not ids:
        return dict.fromkeys(ids, elsewhere)
    read = source.rows if isinstance(source, Db) else source.read
    rows: dict[UUID, list[StoredLevel]] = {}
    grantee = {"access_member": rights.membership_id, "access_roles": list(rights.role_ids)}
    found = await read(_ROWS_OF_MANY, project_id=project_id, ids=list(ids), **grantee)
    for id, *row in found:
        rows.setdefault(id, []).append(StoredLevel(*row))
    return {
        id: deciding_level(rows.get(id, ()), rights.membership_id, rights.role_ids) or elsewhere for id in ids
    }


async def level_of(source: Db | Database, actor: Actor, ticket_id: UUID) -> AccessLevel:
    """Return the caller's level on a ticket."""
    return (await levels_of(source, actor, [ticket_id]))[ticket_id]


async def visible_level(source: Db | Database, actor: Actor, ticket_id: UUID) -> AccessLevel:
    """Return the caller's level on a ticket; raises NotFound where they do not see it."""
    level = await level_of(source, actor, ticket_id)
    if level == "none":
        raise NotFound
    return level
