"""Programs that register, and what people have granted to them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.accounts.oauth_server.rules.redirect_uris import MAX_REDIRECT_URI, MAX_REDIRECT_URIS

Words = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=20)]


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What a program says of itself, as far as it counts here (RFC 7591, section 2); the rest is ignored."""

    redirect_uris: Annotated[
        list[Annotated[str, Meta(max_length=MAX_REDIRECT_URI)]],
        Meta(min_length=1, max_length=MAX_REDIRECT_URIS),
    ]
    client_name: Annotated[str, Meta(max_length=1000)] | None = None
    token_endpoint_auth_method: str | None = None
    grant_types: Words | None = None
    response_types: Words | None = None


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A registered program."""

    id: str
    name: str
    redirect_uris: list[str]
    auth_method: str
    secret_hash: str | None
    created_at: datetime


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has granted to a program; `user_is_active` is False once the account is closed."""

    id: str
    application_id: str
    user_id: int
    scopes: list[str]
    scoped_teams: list[int]
    scoped_organizations: list[str]
    covered_organizations: list[str]
    redirect_uri: str
    code_challenge: str
    code_used_at: datetime | None
    created_at: datetime
    expires_at: datetime
    user_is_active: bool


class FoundToken(msgspec.Struct, frozen=True, kw_only=True):
    """A stored token with its grant."""

    token_hash: str
    kind: str
    scopes: list[str]
    expires_at: datetime
    used_at: datetime | None
    grant: Grant


class ConnectedApplication(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as people see it in a list. `owner` is who granted it."""

    id: str
    name: str
    redirect_uri: str
    scopes: list[str]
    scoped_teams: list[int]
    scoped_organizations: list[str]
    covered_organizations: list[str]
    created_at: datetime
    last_used_at: datetime | None
    user_id: int
    owner: str


class ProtocolAnswer(msgspec.Struct, frozen=True):
    """An answer of the protocol, ready to be sent."""

    status: int
    body: Any
    headers: dict[str, str]
