"""Organizations on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.organizations.tables import MAX_NAME_LENGTH
from parley.accounts.projects.schemas import ProjectBasic
from parley.kernel.http.body import NAME

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, extra=NAME)]


class OrganizationBasic(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as other objects show it; `membership_level` is the caller's."""

    id: UUID
    name: str
    slug: str
    logo_media_id: None = None
    membership_level: int
    members_can_use_personal_api_keys: bool


class OrganizationOut(msgspec.Struct, frozen=True, kw_only=True):
    """An organization; `teams` and `projects` are the same list under PostHog's two names."""

    id: UUID
    name: str
    slug: str
    logo_media_id: None = None
    created_at: datetime
    updated_at: datetime
    membership_level: int
    member_count: int
    allow_publicly_shared_resources: bool
    is_ai_data_processing_approved: bool
    members_can_use_personal_api_keys: bool
    enforce_2fa: bool
    teams: Sequence[ProjectBasic]
    projects: Sequence[ProjectBasic]


class NewOrganization(msgspec.Struct, frozen=True):
    """A new organization, whose owner is the caller."""

    name: Name


class OrganizationPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What admins may change."""

    name: Name | UnsetType = UNSET
    allow_publicly_shared_resources: bool | UnsetType = UNSET
    is_ai_data_processing_approved: bool | UnsetType = UNSET
    members_can_use_personal_api_keys: bool | UnsetType = UNSET
    enforce_2fa: bool | UnsetType = UNSET
