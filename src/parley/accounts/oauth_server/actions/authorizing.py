"""Requests for access: read, and answered once their user has decided."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from parley.accounts.oauth_server.actions.granting import ConsentChoice, NewGrant, grant_access
from parley.accounts.oauth_server.errors import AuthorizationRefused
from parley.accounts.oauth_server.queries.applications import application_by_id
from parley.accounts.oauth_server.schemas import Application
from parley.accounts.sessions.queries import check_session
from parley.kernel.http.authorization import Principal
from parley.kernel.services import Services

if TYPE_CHECKING:
    from parley.accounts.oauth_server.protocol.answers import Authorization
    from parley.accounts.oauth_server.protocol.server import KnownFacts, Pairs


class AccessRequest(msgspec.Struct, frozen=True):
    """A request that its user is asked about."""

    application: Application
    redirect_uri: str
    scopes: Sequence[str]
    known: "KnownFacts"
    authorization: "Authorization"


async def read_access_request(services: Services, pairs: "Pairs") -> AccessRequest:
    """Return what a program asks for; raises AuthorizationRefused for what nobody should be asked."""
    from parley.accounts.oauth_server.protocol.answers import Authorization
    from parley.accounts.oauth_server.protocol.server import KnownFacts, ProtocolRequest

    asked = ProtocolRequest("GET", pairs)
    async with services.database.transaction(write=False) as db:
        application = await application_by_id(db, asked.form.get("client_id", ""))
    if application is None:
        # An application that nobody has used for long is forgotten; its program registers again.
        description = (
            "This application isn't registered here any more. Connect it anew in the application itself."
        )
        raise AuthorizationRefused("invalid_client", description, None)
    known = KnownFacts(issuer=services.settings.site_url, now=services.clock.now(), application=application)
    authorization = Authorization(known, asked)
    return AccessRequest(application, authorization.redirect_uri, authorization.scopes, known, authorization)


def refusal_of(wanted: AccessRequest) -> str:
    """Return where the browser goes when its user has said no."""
    return wanted.authorization.location(is_granted=False)


async def grant_request(
    services: Services, principal: Principal, wanted: AccessRequest, choice: ConsentChoice
) -> str:
    """Store what the user grants, and return where the browser goes with the code; raises Invalid."""
    location = wanted.authorization.location(is_granted=True)
    assert wanted.known.code is not None
    new = NewGrant(
        application=wanted.application,
        redirect_uri=wanted.redirect_uri,
        code=wanted.known.code,
        code_challenge=wanted.authorization.code_challenge,
    )
    async with services.database.transaction() as db:
        await check_session(db, principal)
        await grant_access(db, services, principal, new, choice)
    return location
