"""The log of requests and the token on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec


class ScimRequestOut(msgspec.Struct, frozen=True, kw_only=True):
    """One request of an identity provider with its answer; people in it are masked, and long bodies are cut."""

    id: UUID
    request_method: str
    request_path: str
    request_headers: dict[str, str]
    request_body: str | None
    response_status: int
    response_body: str | None
    identity_provider: str
    duration_ms: int
    created_at: datetime


class ScimTokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """The new token of a domain, which is shown this once."""

    scim_enabled: bool
    scim_base_url: str
    scim_bearer_token: str


class ScimDisabled(msgspec.Struct, frozen=True):
    """Why there is no token."""

    detail: str
