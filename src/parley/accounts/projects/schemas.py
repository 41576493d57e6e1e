"""Projects on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.projects.recording_settings import RecordingSettings, RecordingSettingsPatch
from parley.accounts.projects.tables import MAX_NAME_LENGTH
from parley.kernel.http.body import NAME, TRIM

ProjectName = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, extra=NAME)]
TimeZone = Annotated[str, Meta(min_length=1, max_length=64, extra=TRIM)]


class ProjectBasic(msgspec.Struct, frozen=True, kw_only=True):
    """A project as its organization shows it."""

    id: int
    uuid: UUID
    organization: UUID
    name: str
    api_token: str
    timezone: str


class ProjectOut(RecordingSettings, frozen=True, kw_only=True):
    """A project. The secrets are null for everybody below admin, and for keys without `project:write`."""

    id: int
    uuid: UUID
    organization: UUID
    project_id: int
    name: str
    api_token: str
    secret_api_token: str | None
    secret_api_token_backup: str | None
    webhook_signing_secret: str | None
    timezone: str
    conversations_enabled: bool
    conversations_settings: dict[str, Any]
    effective_membership_level: int
    user_access_level: str
    is_demo: bool = False
    created_at: datetime
    updated_at: datetime


class NewProject(msgspec.Struct, frozen=True, kw_only=True):
    """A new project."""

    name: ProjectName
    timezone: TimeZone = "UTC"
    conversations_enabled: bool = False
    conversations_settings: dict[str, Any] | None = None


class ProjectPatch(RecordingSettingsPatch, frozen=True, kw_only=True):
    """What admins may change; the keys of `conversations_settings` are merged into what is stored."""

    name: ProjectName | UnsetType = UNSET
    timezone: TimeZone | UnsetType = UNSET
    conversations_enabled: bool | UnsetType = UNSET
    conversations_settings: dict[str, Any] | UnsetType | None = UNSET
