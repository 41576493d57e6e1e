"""The caller on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.organizations.schemas import OrganizationBasic
from parley.accounts.projects.schemas import ProjectBasic
from parley.accounts.users.schemas import NotificationSettings
from parley.accounts.users.tables import MAX_NAME_LENGTH
from parley.kernel.http.body import NAME

RoleAtOrganization = Literal[
    "engineering", "data", "product", "founder", "leadership", "marketing", "sales", "other"
]
ThemeMode = Literal["light", "dark", "system"]
UndoSend = Annotated[
    Literal[0, 5, 10, 30],
    Meta(description="How many seconds a reply that is written in the inbox can be taken back."),
]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The caller."""

    id: int
    uuid: UUID
    distinct_id: str
    first_name: str
    last_name: str
    email: str
    is_email_verified: bool
    hedgehog_config: dict[str, Any] | None
    role_at_organization: str | None
    date_joined: datetime
    has_password: bool = True
    is_2fa_enabled: bool
    is_staff: bool = False
    notification_settings: NotificationSettings
    undo_send_s: int
    theme_mode: ThemeMode | None
    organization: OrganizationBasic | None
    organizations: list[OrganizationBasic]
    team: ProjectBasic | None


class NotificationPatch(msgspec.Struct, frozen=True):
    """Which mails to get from now on; what isn't named stays."""

    new_conversations: bool | UnsetType = UNSET
    assignments: bool | UnsetType = UNSET
    mentions: bool | UnsetType = UNSET
    answers: bool | UnsetType = UNSET


class MePatch(msgspec.Struct, frozen=True, kw_only=True):
    """What people may change about themselves; a new password ends their keys unless these are kept."""

    first_name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, extra=NAME)] | UnsetType = UNSET
    last_name: Annotated[str, Meta(max_length=MAX_NAME_LENGTH, extra=NAME)] | UnsetType = UNSET
    hedgehog_config: dict[str, Any] | UnsetType | None = UNSET
    role_at_organization: RoleAtOrganization | UnsetType | None = UNSET
    set_current_organization: UUID | UnsetType = UNSET
    set_current_team: Annotated[int, Meta(ge=1, le=2**31 - 1)] | UnsetType = UNSET
    current_password: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    keep_personal_api_keys: bool | UnsetType = UNSET
    notification_settings: NotificationPatch | UnsetType = UNSET
    undo_send_s: UndoSend | UnsetType = UNSET
    theme_mode: ThemeMode | UnsetType | None = UNSET
