"""Roles, and who has them, on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.roles.tables import MAX_NAME_LENGTH
from parley.accounts.users.schemas import UserBasic
from parley.kernel.http.body import NAME

RoleName = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, extra=NAME)]


class RoleMembershipOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has a role; `organization_member` is the id of their membership."""

    id: UUID
    role_id: UUID
    organization_member: UUID
    user: UserBasic
    joined_at: datetime
    updated_at: datetime


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role with who made it."""

    id: UUID
    name: str
    created_at: datetime
    created_by: UserBasic | None


class RoleOut(Role, frozen=True, kw_only=True):
    """A role with everybody who has it."""

    members: Sequence[RoleMembershipOut]
    is_default: bool = False


class NewRole(msgspec.Struct, frozen=True):
    """A new role."""

    name: RoleName


class RolePatch(msgspec.Struct, frozen=True):
    """Another name."""

    name: RoleName | UnsetType = UNSET


class NewRoleMembership(msgspec.Struct, frozen=True):
    """To whom to give the role."""

    user_uuid: UUID
