"""The page on which somebody decides whether a program gets access, to what, and where."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from parley.accounts.api_keys.rules import SCOPES
from parley.accounts.oauth_server.actions.authorizing import (
    AccessRequest,
    grant_request,
    read_access_request,
    refusal_of,
)
from parley.accounts.oauth_server.actions.granting import ConsentChoice
from parley.accounts.oauth_server.errors import AuthorizationRefused
from parley.accounts.oauth_server.rules.metadata import AUTHORIZE
from parley.accounts.oauth_server.rules.redirect_uris import destination_of, source_of
from parley.accounts.oauth_server.rules.scopes import SENSITIVE
from parley.accounts.organizations.queries import organizations_of_user
from parley.accounts.projects.queries.projects import projects_of_organizations
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Principal, is_recently_authenticated
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import ConfirmationNeeded, page_user
from parley.web.rendering import POLICY, page

SCOPE_BOX, PROJECT_BOX, WHERE, EVERYWHERE = "scope:", "project:", "where", "everywhere"
MOST_PROJECTS = 100


class ReachablePlace(msgspec.Struct, frozen=True):
    """An organization or a project that a program may be let into."""

    id: str
    name: str
    within: str = ""


class ConsentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `oauth_server/consent.html`; `scopes` maps what is asked for to words."""

    name: str
    destination: str
    email: str
    scopes: Mapping[str, str]
    sensitive: frozenset[str]
    organizations: Sequence[ReachablePlace]
    projects: Sequence[ReachablePlace]
    current: str
    action: str
    problem: str | None = None


class RefusedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `oauth_server/refused.html`; `location` is where the program waits for an answer, or None."""

    error: str
    description: str
    location: str | None
    destination: str


@get(AUTHORIZE, guards=[page_user], include_in_schema=False)
async def ask_for_consent(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what a program asks for, with a form to grant or deny it (RFC 6749, section 3.1)."""
    try:
        wanted = await read_access_request(services, [*request.query_params.multi_items()])
    except AuthorizationRefused as refused:
        return _refused(request, refused)
    _check_recent(request, services, principal, wanted.scopes)
    return await _consent(request, services, principal, wanted)


@post(AUTHORIZE, guards=[page_user], include_in_schema=False)
async def decide_on_access(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Send the browser back to the program, with a code or with a refusal."""
    try:
        wanted = await read_access_request(services, [*request.query_params.multi_items()])
    except AuthorizationRefused as refused:
        return _refused(request, refused)
    fields = await request.fields()
    if fields.get("decision") != "allow":
        return _away(refusal_of(wanted))
    choice = _choice(fields, wanted.scopes)
    _check_recent(request, services, principal, choice.scopes)
    try:
        return _away(await grant_request(services, principal, wanted, choice))
    except Invalid as error:
        return await _consent(request, services, principal, wanted, problem=error.detail)


def _choice(fields: Mapping[str, Any], asked: Sequence[str]) -> ConsentChoice:
    where = str(fields.get(WHERE, ""))
    ids = [name.removeprefix(PROJECT_BOX) for name in fields if name.startswith(PROJECT_BOX)]
    return ConsentChoice(
        scopes=[scope for scope in asked if f"{SCOPE_BOX}{scope}" in fields],
        # Projects that are ticked win: the narrower choice holds.
        project_ids=frozenset(
            int(one) if one.isascii() and one.isdigit() and len(one) < 10 else 0 for one in ids
        ),
        organization_id=uuid_or_none(where),
        is_everywhere=where == EVERYWHERE,
    )


def _check_recent(
    request: ParleyRequest, services: Services, principal: Principal, scopes: Sequence[str]
) -> None:
    """Raise ConfirmationNeeded before somebody whose session is old grants something sensitive."""
    if SENSITIVE.isdisjoint(scopes) or is_recently_authenticated(principal, services.clock.now()):
        return
    raise ConfirmationNeeded(_own_address(request))


def _own_address(request: ParleyRequest) -> str:
    query: bytes = request.scope["query_string"]
    return f"{AUTHORIZE}?{query.decode('latin-1')}"


async def _consent(
    request: ParleyRequest,
    services: Services,
    principal: Principal,
    wanted: AccessRequest,
    *,
    problem: str | None = None,
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        organizations = await organizations_of_user(db, principal.user_id)
        projects = await projects_of_organizations(db, [one.id for one in organizations])
    names: dict[UUID, str] = {one.id: one.name for one in organizations}
    current = next((one for one in projects if one.id == principal.current_project_id), None)
    shown = ConsentPage(
        name=wanted.application.name,
        destination=destination_of(wanted.redirect_uri),
        email=principal.email,
        scopes={scope: SCOPES[scope] for scope in wanted.scopes},
        sensitive=SENSITIVE,
        organizations=[ReachablePlace(str(id), name) for id, name in names.items()],
        projects=[
            ReachablePlace(str(one.id), one.name, names[one.organization]) for one in projects[:MOST_PROJECTS]
        ],
        current=str(current.organization if current else next(iter(names), "")),
        action=_own_address(request),
        problem=problem,
    )
    # Browsers hold the answer to a form to this, too, wherever it leads.
    allowed = f"form-action 'self' {source_of(wanted.redirect_uri)}"
    headers = {"Content-Security-Policy": POLICY.replace("form-action 'self'", allowed)}
    status = 200 if problem is None else 422
    return page(request, "oauth_server/consent.html", shown, status=status, headers=headers)


def _refused(request: ParleyRequest, refused: AuthorizationRefused) -> Response[Any]:
    """Say why nobody is asked. The browser stays here: anybody can register an address and lead people to it."""
    shown = RefusedPage(
        error=refused.error,
        description=refused.description,
        location=refused.location,
        destination=destination_of(refused.location) if refused.location else "",
    )
    return page(request, "oauth_server/refused.html", shown, status=400)


def _away(location: str) -> Response[Any]:
    headers = {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(None, status_code=303, headers=headers, media_type="text/plain")


handlers = [ask_for_consent, decide_on_access]
