"""Integrations as they travel, and as other features use them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.accounts.users.schemas import UserBasic
from parley.integrations.connections.rules import MAX_ID
from parley.integrations.connections.tables import MAX_KIND
from parley.kernel.http.body import TRIM

IntegrationNumber = Annotated[int, Meta(ge=1, le=MAX_ID)]
"""The id of an integration in a body."""


class NewIntegration(msgspec.Struct, frozen=True, kw_only=True):
    """An account to connect. `config` has the credentials, or `code` and `state` that a consent page has sent back."""

    kind: Annotated[str, Meta(min_length=1, max_length=MAX_KIND, extra=TRIM)]
    config: dict[str, Any] = {}


class IntegrationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A connected account. `errors` is empty, or `TOKEN_REFRESH_FAILED` once the service takes its token no more."""

    id: int
    kind: str
    config: dict[str, Any]
    created_at: datetime
    created_by: UserBasic | None
    errors: str
    display_name: str


class StoredIntegration(msgspec.Struct, frozen=True, kw_only=True):
    """A row without its secrets."""

    project_id: int
    id: int
    kind: str
    integration_id: str
    config: dict[str, Any]
    errors: str
    created_by: UserBasic | None
    created_at: datetime
    refreshed_at: datetime
    next_refresh_at: datetime | None


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """A connected account with its secrets in plain text, for calls to the service; nothing prints them."""

    project_id: int
    id: int
    kind: str
    integration_id: str
    config: dict[str, Any]
    secrets: dict[str, Any]
    errors: str
    created_by: int | None
    refreshed_at: datetime
    next_refresh_at: datetime | None

    def __repr__(self) -> str:
        return f"Connected({self.kind}, {self.project_id}, {self.id})"

    __str__ = __repr__

    def __rich_repr__(self) -> Any:
        yield repr(self)
