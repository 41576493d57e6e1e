"""Programs that register themselves (RFC 7591). Whoever does so is a stranger, and what they say is not verified."""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, insert

from parley.accounts.oauth_server.errors import InvalidClientMetadata, InvalidRedirectUri
from parley.accounts.oauth_server.queries.applications import surplus_applications
from parley.accounts.oauth_server.rules.lifetimes import UNUSED_APPLICATION
from parley.accounts.oauth_server.rules.metadata import AUTH_METHODS, GRANT_TYPES
from parley.accounts.oauth_server.rules.names import shown_name
from parley.accounts.oauth_server.rules.prefixes import SECRET_PREFIX
from parley.accounts.oauth_server.rules.redirect_uris import redirect_uri_problem
from parley.accounts.oauth_server.schemas import Registration
from parley.accounts.oauth_server.tables import oauth_application, oauth_grant
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token, token_hash
from parley.kernel.network.addresses import block_of
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

OF_BLOCK = Limit("oauth-register-block", 90, HOUR_S)
"""Of neighbouring addresses together. There is no limit for all: ten addresses could use it up for everybody."""
MOST_UNUSED, AT_A_TIME = 10_000, 100
"""So many programs that nobody uses are kept; the oldest make room, so that a flood from many places fills no database."""
LONGEST = 16 * 1024


class RegisteredClient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a registration (RFC 7591, section 3.2.1); only this one shows `client_secret`."""

    client_id: str
    client_id_issued_at: int
    client_name: str
    redirect_uris: list[str]
    token_endpoint_auth_method: str
    grant_types: tuple[str, ...]
    response_types: tuple[str, ...]
    client_secret: str | None = None
    client_secret_expires_at: int | None = None


def read_registration(raw: bytes) -> Registration:
    """Return what a program says of itself; raises InvalidClientMetadata and InvalidRedirectUri."""
    if len(raw) > LONGEST:
        raise InvalidClientMetadata(f"A registration has at most {LONGEST} bytes.")
    try:
        found = msgspec.json.decode(raw, type=Registration)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidClientMetadata(f"The registration can't be read: {error}"[:300]) from error
    for uri in found.redirect_uris:
        if problem := redirect_uri_problem(uri):
            raise InvalidRedirectUri(problem)
    if (found.token_endpoint_auth_method or "client_secret_basic") not in AUTH_METHODS:
        raise InvalidClientMetadata(f"token_endpoint_auth_method is one of {', '.join(AUTH_METHODS)}.")
    if found.grant_types is not None and "authorization_code" not in found.grant_types:
        raise InvalidClientMetadata("grant_types has authorization_code, and maybe refresh_token.")
    if found.response_types is not None and "code" not in found.response_types:
        raise InvalidClientMetadata("response_types has code.")
    return found


async def register_application(services: Services, new: Registration, address: str) -> RegisteredClient:
    """Store a program; it is forgotten where nobody grants it anything in time. Raises Throttled in a flood."""
    if services.settings.limits_public:
        await services.throttles.hit((OF_BLOCK, block_of(address)))
    now, application_id = services.clock.now(), new_token(length=32)
    method = new.token_endpoint_auth_method or "client_secret_basic"
    secret = None if method == "none" else new_token(SECRET_PREFIX)
    name = shown_name(new.client_name or "")
    async with services.database.transaction() as db:
        await _make_room(db, now)
        await db.execute(
            insert(oauth_application).values(
                id=application_id,
                name=name,
                redirect_uris=list(dict.fromkeys(new.redirect_uris)),
                auth_method=method,
                secret_hash=None if secret is None else token_hash(secret),
                created_at=now,
                expires_at=now + UNUSED_APPLICATION,
            )
        )
    return RegisteredClient(
        client_id=application_id,
        client_id_issued_at=int(now.timestamp()),
        client_name=name,
        redirect_uris=list(dict.fromkeys(new.redirect_uris)),
        token_endpoint_auth_method=method,
        grant_types=GRANT_TYPES,
        response_types=("code",),
        client_secret=secret,
        client_secret_expires_at=None if secret is None else 0,
    )


async def _make_room(db: Db, now: datetime) -> None:
    """Delete the oldest programs that nobody has granted anything, beyond those that are kept."""
    surplus = await surplus_applications(db, now + UNUSED_APPLICATION, MOST_UNUSED - 1, AT_A_TIME)
    if surplus:
        gone = delete(oauth_application).where(oauth_application.c.id.in_(surplus), ~_is_granted())
        await db.execute(gone)


def _is_granted() -> ColumnElement[bool]:
    granted = oauth_grant.select().where(oauth_grant.c.application_id == oauth_application.c.id)
    return granted.correlate(oauth_application).exists()


async def forget_unused_applications(db: Db, services: Services) -> int:
    """Delete programs that nobody uses; return how many. Safe to run twice."""
    unused = (oauth_application.c.expires_at <= services.clock.now(), ~_is_granted())
    return (await db.execute(delete(oauth_application).where(*unused))).rowcount
