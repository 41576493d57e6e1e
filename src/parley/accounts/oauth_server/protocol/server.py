"""The protocol itself, by authlib: what a request lacks, and how it is answered (docs/decisions/0037).

authlib knows nothing of our database. An action reads first what a request names, this decides, and the action stores
what came of it. Importing this costs some megabytes, so actions do it once the first request needs it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207.parameter import IssuerParameter

from parley.accounts.oauth_server.rules.lifetimes import ACCESS_TOKEN, CODE, REFRESH_TOKEN, is_good
from parley.accounts.oauth_server.rules.metadata import GRANT_TYPES
from parley.accounts.oauth_server.rules.prefixes import ACCESS_PREFIX, REFRESH_PREFIX
from parley.accounts.oauth_server.rules.redirect_uris import is_same_redirect
from parley.accounts.oauth_server.rules.resources import are_ours
from parley.accounts.oauth_server.rules.scopes import asked_scopes
from parley.accounts.oauth_server.schemas import Application, FoundToken, Grant, ProtocolAnswer
from parley.kernel.ids import new_token, same_token, token_hash

Pairs = Sequence[tuple[str, str]]
HTTPS = "https://parley.invalid/"
"""What authlib is told as the URL of each request: whether https is used is decided by `PARLEY_SITE_URL`."""
METHODS = ["none", "client_secret_post", "client_secret_basic"]
ONCE = (
    "client_id", "client_secret", "code", "code_challenge", "code_challenge_method", "code_verifier", "grant_type",
    "redirect_uri", "refresh_token", "response_type", "scope", "state", "token", "token_type_hint",
)  # fmt: skip


class KnownFacts(msgspec.Struct, kw_only=True):
    """What the database knows of a request. `issued` is filled by the protocol: the tokens to store."""

    issuer: str
    now: datetime
    application: Application | None
    grant: Grant | None = None  # of the code
    token: FoundToken | None = None
    issued: dict[str, Any] | None = None
    code: str | None = None
    is_revoked: bool = False


class InvalidTarget(OAuth2Error):  # type: ignore[misc]
    """A token is wanted for another server (RFC 8707, section 2)."""

    error = "invalid_target"
    description = "Tokens of this server are for this server only."


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]
    """A request as authlib wants it."""

    headers: dict[str, str]

    def __init__(self, method: str, pairs: Pairs, authorization: str = "") -> None:
        super().__init__(method, HTTPS, headers={"Authorization": authorization})
        self.pairs = pairs
        self.payload = BasicOAuth2Payload(dict(pairs))

    @property
    def form(self) -> dict[str, str]:
        found: dict[str, str] = self.payload.data
        return found

    @property
    def args(self) -> dict[str, str]:
        return self.form

    @property
    def client_name(self) -> str:
        """The id of the client that this request says it comes from; an empty text for none."""
        try:
            named, _ = extract_basic_authorization(self.headers)
        except ValueError:  # no UTF-8
            named = None
        if named is None:
            self.headers = {}
        return named or self.form.get("client_id") or ""

    def check_repeats(self) -> None:
        """Raise InvalidRequestError for a parameter that is there twice (RFC 6749, sections 3.1 and 3.2)."""
        names = [name for name, _ in self.pairs]
        for name in ONCE:
            if names.count(name) > 1:
                raise InvalidRequestError(f"Multiple '{name}' in request.")


class _Client:
    """An application as authlib asks about it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.client_id = application.id

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return None  # OAuth 2.1: each request names its redirect URI

    def get_allowed_scope(self, scope: str | None) -> str | None:
        return " ".join(asked_scopes(scope)) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return any(is_same_redirect(one, redirect_uri) for one in self.application.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        return same_token(token_hash(client_secret), self.application.secret_hash or "")

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        has_secret = self.application.secret_hash is not None
        # A client with a secret may send it either way; without it, never.
        return (method == "none") is not has_secret

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES


class _Code:
    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.code_challenge, self.code_challenge_method = grant.code_challenge, "S256"

    def get_redirect_uri(self) -> str:
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.grant.scopes)


class _Token:
    def __init__(self, token: FoundToken) -> None:
        self.token = token

    def check_client(self, client: _Client) -> bool:
        return self.token.grant.application_id == client.client_id

    def get_scope(self) -> str:
        # A narrower access token doesn't narrow the next one (RFC 6749, section 6).
        return " ".join(self.token.grant.scopes)


class _OnlyS256(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError(
                "PKCE is needed: send 'code_challenge' and 'code_challenge_method=S256'."
            )
        super().validate_code_challenge(grant, redirect_uri)


class _ThisServer:
    """Refuses requests for tokens that are meant for other servers."""

    def __call__(self, grant: Any) -> None:
        for moment in ("validate_authorization_request_payload", "validate_token_request"):
            grant.register_hook(f"after_{moment}", self.check)

    def check(self, grant: Any, *_: Any) -> None:
        check_resources(grant.request, grant.server.known.issuer)


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: ProtocolRequest) -> None:
        self.server.known.code = code

    def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
        grant, now = self.server.known.grant, self.server.known.now
        if grant is None or grant.application_id != client.client_id:
            return None
        is_fresh = grant.code_used_at is None and is_good(grant.expires_at, now, CODE)
        return _Code(grant) if is_fresh else None

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        return None  # the action notes that it is used

    def authenticate_user(self, authorization_code: _Code) -> bool:
        return authorization_code.grant.user_is_active


class _RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def validate_token_request(self) -> None:
        super().validate_token_request()
        check_resources(self.request, self.server.known.issuer)

    def authenticate_refresh_token(self, refresh_token: str) -> _Token | None:
        token, now = self.server.known.token, self.server.known.now
        if token is None or token.kind != "refresh" or token.used_at is not None:
            return None
        return _Token(token) if is_good(token.expires_at, now, REFRESH_TOKEN) else None

    def authenticate_user(self, refresh_token: _Token) -> bool:
        return refresh_token.token.grant.user_is_active

    def revoke_old_credential(self, refresh_token: _Token) -> None:
        return None  # the action notes that it is used


class _Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token: str, hint: str | None) -> _Token | None:
        found = self.server.known.token
        return _Token(found) if found else None

    def revoke_token(self, token: _Token, request: ProtocolRequest) -> None:
        self.server.known.is_revoked = True


class Redirection(msgspec.Struct):
    """Where a browser goes with an answer; authlib's extension adds the issuer to `location`."""

    location: str


class OurIssuer(IssuerParameter):  # type: ignore[misc]
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def get_issuer(self) -> str:
        return self.issuer


class OurServer(AuthorizationServer):  # type: ignore[misc]
    def __init__(self, known: KnownFacts) -> None:
        super().__init__()
        self.known = known
        self.register_grant(_CodeGrant, [_OnlyS256(required=True), _ThisServer()])
        self.register_grant(_RefreshGrant)
        self.register_endpoint(_Revocation)
        self.register_token_generator("default", self._new_tokens)
        OurIssuer(known.issuer)(self)

    def query_client(self, client_id: str) -> _Client | None:
        application = self.known.application
        return _Client(application) if application and application.id == client_id else None

    def save_token(self, token: dict[str, Any], request: ProtocolRequest) -> None:
        self.known.issued = token

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        return None

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        names = dict(headers)
        return Redirection(names["Location"]) if "Location" in names else ProtocolAnswer(status, body, names)

    def _new_tokens(self, *, scope: str, **_: Any) -> dict[str, Any]:
        return {
            "token_type": "Bearer",
            "access_token": new_token(ACCESS_PREFIX),
            "expires_in": int(ACCESS_TOKEN.total_seconds()),
            "refresh_token": new_token(REFRESH_PREFIX),
            "scope": scope,
        }


def check_resources(request: ProtocolRequest, issuer: str) -> None:
    """Raise InvalidTarget for a request that names another server."""
    if not are_ours(issuer, [value for name, value in request.pairs if name == "resource"]):
        raise InvalidTarget
