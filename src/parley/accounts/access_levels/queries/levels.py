"""Levels as they hold for a caller: of one ticket, of many, and as the condition of a list.

A condition depends on the shape of somebody's rights, never on who they are, so that statements with it can be
`Prepared`: `seen(shape_of(actor), ticket.c.id)` in the text, `caller(actor)` among the values.
"""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
)

from parley.accounts.access_levels.rules import (
    BUILT_IN,
    LEVELS,
    NOT_AT_ALL,
    OF_EVERYBODY,
    OF_MEMBER,
    OF_ROLE,
    Row,
    deciding_level,
)
from parley.accounts.access_levels.tables import access_control
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import AccessLevel, Actor, Rights

Shape = Literal["all", "but", "only"]
"""What somebody sees: all tickets, all but some that are closed to them, or only some that are open to them."""
TICKET = "ticket"

LEVEL_AND_HOLDER = (access_control.c.access_level, access_control.c.membership_id, access_control.c.role_id)
ON_TICKETS = and_(
    access_control.c.project_id == bindparam("project_id"),
    access_control.c.resource == literal_column(f"'{TICKET}'"),
)
FOR_CALLER = or_(
    access_control.c.membership_id == bindparam("access_member", type_=access_control.c.membership_id.type),
    is_one_of(access_control.c.role_id, listed("access_roles", access_control.c.role_id)),
    and_(access_control.c.membership_id.is_(None), access_control.c.role_id.is_(None)),
)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


_WEIGHT = case(
    (access_control.c.membership_id.is_not(None), _number(OF_MEMBER)),
    (access_control.c.role_id.is_not(None), _number(OF_ROLE)),
    else_=_number(OF_EVERYBODY),
) + case(
    *(
        (access_control.c.access_level == literal_column(f"'{level}'"), _number(place))
        for place, level in enumerate(LEVELS)
        if place
    ),
    else_=_number(0),
)
# The rule `deciding_level`, in SQL: the rank of the level that the heaviest row gives.
_DECIDING = func.max(_WEIGHT) % _number(len(LEVELS))
_EXCEPTIONS = (
    select(access_control.c.resource_id)
    .where(ON_TICKETS, access_control.c.resource_id.is_not(None), FOR_CALLER)
    .group_by(access_control.c.resource_id)
)
OPEN_TICKETS = _EXCEPTIONS.having(_number(0) != _DECIDING)
_CLOSED_TICKETS = _EXCEPTIONS.having(_number(0) == _DECIDING)


def sees_any_ticket(actor: Actor) -> bool:
    """Say whether there can be a ticket that the caller sees."""
    return actor.rights is None or actor.rights.level != "none" or actor.rights.has_exceptions


def shape_of(actor: Actor) -> Shape:
    """Return what the caller sees; raises PermissionDenied where that is nothing."""
    rights = actor.rights
    if not sees_any_ticket(actor):
        raise PermissionDenied(NOT_AT_ALL)
    if rights is None or (rights.level != "none" and not rights.has_exceptions):
        return "all"
    return "but" if rights.level != "none" else "only"


def seen(shape: Shape, ticket_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return the condition for what a caller of this shape sees, on a column that holds the id of a ticket.

    The few tickets that are open to somebody are looked up first; otherwise each ticket is looked up in
    ix_access_control_resource. Where all are seen there is no condition.
    """
    if shape == "all":
        return []
    if shape == "only":
        return [ticket_id.in_(OPEN_TICKETS)]
    return [is_seen(shape, ticket_id)]


def closed_tickets(ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition for the tickets that a row of their own closes to a caller who sees the others."""
    return ticket_id.in_(_CLOSED_TICKETS)


def is_seen(shape: Shape, ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that looks up each ticket (ix_access_control_resource)."""
    deciding = select(_DECIDING).where(ON_TICKETS, access_control.c.resource_id == ticket_id, FOR_CALLER)
    found = deciding.correlate_except(access_control).scalar_subquery()
    return func.coalesce(found, _number(0 if shape == "only" else 1)) > _number(0)


def seen_or_nothing(actor: Actor, ticket_id: ColumnElement[Any]) -> ColumnElement[bool] | None:
    """Return the condition for lists that hold more than tickets, where who sees no ticket sees the rest; None is all."""
    if not sees_any_ticket(actor):
        return false()
    shape = shape_of(actor)
    return None if shape == "all" else is_seen(shape, ticket_id)


def caller(actor: Actor) -> dict[str, Any]:
    """Return the values for a statement with the condition of what the caller sees, but that of `project_id`."""
    rights = actor.rights
    if rights is None:
        return {}
    return {"access_member": rights.membership_id, "access_roles": list(rights.role_ids)}


def level_elsewhere(actor: Actor) -> AccessLevel:
    """Return the caller's level on tickets without a row of their own, and on those that are yet to be opened."""
    if actor.rights is None:
        return "manager" if actor.is_admin else BUILT_IN
    return actor.rights.level


_ROWS_OF_MANY = Prepared(
    select(access_control.c.resource_id, *LEVEL_AND_HOLDER).where(
        ON_TICKETS,
        is_one_of(access_control.c.resource_id, listed("ids", access_control.c.resource_id)),
        FOR_CALLER,
    )
)


async def levels_of(source: Db | Database, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, AccessLevel]:
    """Return the caller's level on each of these tickets (ix_access_control_resource)."""
    rights, elsewhere = actor.rights, level_elsewhere(actor)
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
    rows: dict[UUID, list[Row]] = {}
    holder = {"access_member": rights.membership_id, "access_roles": list(rights.role_ids)}
    found = await read(_ROWS_OF_MANY, project_id=project_id, ids=list(ids), **holder)
    for id, *row in found:
        rows.setdefault(id, []).append(Row(*row))
    return {
        id: deciding_level(rows.get(id, ()), rights.membership_id, rights.role_ids) or elsewhere for id in ids
    }


async def level_of(source: Db | Database, actor: Actor, ticket_id: UUID) -> AccessLevel:
    """Return the caller's level on a ticket."""
    return (await levels_of(source, actor, [ticket_id]))[ticket_id]


async def seen_level(source: Db | Database, actor: Actor, ticket_id: UUID) -> AccessLevel:
    """Return the caller's level on a ticket; raises NotFound where they do not see it."""
    level = await level_of(source, actor, ticket_id)
    if level == "none":
        raise NotFound
    return level
