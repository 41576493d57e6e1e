"""Which tickets a caller sees, as the condition of a list.

A condition depends on the kind of visibility, never on who the caller is, so that statements with it can be `Prepared`:
`visible_tickets(visibility_of(actor), ticket.c.id)` in the text, `access_values(actor)` among the values.
"""

from typing import Any, Literal

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
    EVERYBODY_WEIGHT,
    LEVELS,
    MEMBER_WEIGHT,
    NO_ACCESS,
    ROLE_WEIGHT,
    StoredLevel,
)
from parley.accounts.access_levels.tables import access_control
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor

TicketVisibility = Literal["all", "but", "only"]
"""What somebody sees: all tickets, all but some that are closed to them, or only some that are open to them."""
TICKET = "ticket"

LEVEL_AND_GRANTEE = StructColumns(StoredLevel, access_control, level=access_control.c.access_level).columns
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
    (access_control.c.membership_id.is_not(None), _number(MEMBER_WEIGHT)),
    (access_control.c.role_id.is_not(None), _number(ROLE_WEIGHT)),
    else_=_number(EVERYBODY_WEIGHT),
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
NOT_MANAGED_TICKETS = _EXCEPTIONS.having(_number(LEVELS.index("manager")) > _DECIDING)


def sees_any_ticket(actor: Actor) -> bool:
    """Say whether there can be a ticket that the caller sees."""
    return actor.rights is None or actor.rights.level != "none" or actor.rights.has_exceptions


def check_sees_any_ticket(actor: Actor) -> None:
    """Raise PermissionDenied for a caller who sees no ticket at all."""
    if not sees_any_ticket(actor):
        raise PermissionDenied(NO_ACCESS)


def visibility_of(actor: Actor) -> TicketVisibility:
    """Return what the caller sees; raises PermissionDenied where that is nothing."""
    check_sees_any_ticket(actor)
    rights = actor.rights
    if rights is None or (rights.level != "none" and not rights.has_exceptions):
        return "all"
    return "but" if rights.level != "none" else "only"


def visible_tickets(visibility: TicketVisibility, ticket_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return the condition for what a caller of this visibility sees, on a column that holds the id of a ticket.

    The few tickets that are open to somebody are looked up first; otherwise each ticket is looked up in
    ix_access_control_resource. Where all are visible there is no condition.
    """
    if visibility == "all":
        return []
    if visibility == "only":
        return [ticket_id.in_(OPEN_TICKETS)]
    return [is_visible(visibility, ticket_id)]


def is_hidden(ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition for the tickets that a row of their own closes to a caller who sees the others."""
    return ticket_id.in_(_CLOSED_TICKETS)


def is_visible(visibility: TicketVisibility, ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that looks up each ticket (ix_access_control_resource)."""
    deciding = select(_DECIDING).where(ON_TICKETS, access_control.c.resource_id == ticket_id, FOR_CALLER)
    found = deciding.correlate_except(access_control).scalar_subquery()
    return func.coalesce(found, _number(0 if visibility == "only" else 1)) > _number(0)


def is_visible_to(actor: Actor, ticket_id: ColumnElement[Any]) -> ColumnElement[bool] | None:
    """Return the condition for lists that hold more than tickets, where who sees no ticket sees the rest; None is all."""
    if not sees_any_ticket(actor):
        return false()
    visibility = visibility_of(actor)
    return None if visibility == "all" else is_visible(visibility, ticket_id)


def access_values(actor: Actor) -> dict[str, Any]:
    """Return the values for a statement with the condition of what the caller sees, but that of `project_id`."""
    rights = actor.rights
    if rights is None:
        return {}
    return {"access_member": rights.membership_id, "access_roles": list(rights.role_ids)}
