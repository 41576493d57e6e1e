"""Whom a ticket may be given to, as it is named on the wire."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.conversations.tickets.rules.ids import MAX_NUMBER
from parley.kernel.errors import Invalid
from parley.kernel.ids import uuid_or_none


class UserAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="user"):
    """A user who shall take care of tickets, as views and quick actions name them."""

    id: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]


class RoleAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="role"):
    """A role whose people shall take care of tickets, as views and quick actions name them."""

    id: UUID


class AssigneeIds(msgspec.Struct, frozen=True):
    """Who shall take care of a ticket: one of the two, or nobody."""

    user_id: int | None = None
    role_id: UUID | None = None


def checked_assignee(value: Any) -> AssigneeIds:
    """Read `{type, id}` or null as requests carry it; raises Invalid for anything else."""
    if value is None:
        return AssigneeIds()
    if not isinstance(value, dict):
        raise _bad_assignee("Assignee must be an object.")
    if value.get("type") is None or value.get("id") is None:
        raise _bad_assignee("Assignee must have 'type' and 'id'.")
    if value["type"] == "user":
        return AssigneeIds(user_id=_user_id(value["id"]))
    if value["type"] == "role":
        return AssigneeIds(role_id=_role_id(value["id"]))
    raise _bad_assignee("Assignee type must be 'user' or 'role'.")


def _user_id(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad_assignee("Assignee user id must be an integer.")
    if not 0 < value <= MAX_NUMBER:
        raise not_a_member()
    return value


def _role_id(value: Any) -> UUID:
    found = uuid_or_none(value) if isinstance(value, str) else None
    if found is None:
        raise _bad_assignee("Assignee role id must be a valid UUID.")
    return found


def not_a_member(attr: str = "assignee") -> Invalid:
    """Return the error for an assignee who is not in the organization."""
    return Invalid("Assigned user is not a member of this organization.", attr=attr)


def not_a_role_here(attr: str = "assignee") -> Invalid:
    """Return the error for a role of another organization."""
    return Invalid("Assigned role does not belong to this organization.", attr=attr)


def _bad_assignee(detail: str) -> Invalid:
    return Invalid(detail, attr="assignee")
