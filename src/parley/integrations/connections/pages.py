"""The page of integrations, and where services send browsers back to."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from litestar import Response, get, post
from litestar.params import FromPath

from parley.integrations.connections import PAGE
from parley.integrations.connections.actions.connecting import disconnect, store_account
from parley.integrations.connections.actions.consenting import begin_consent, redirect_uri_of
from parley.integrations.connections.actions.finishing import account_to_connect, finish_in_browser
from parley.integrations.connections.errors import NotAdmin
from parley.integrations.connections.kinds import (
    KINDS,
    PAGES_OF_USE,
    IntegrationKind,
    PageOfUse,
    kind_by_name,
)
from parley.integrations.connections.queries.integrations import integrations_page, shown_integration
from parley.integrations.connections.schemas import IntegrationOut, NewIntegration
from parley.kernel.config.settings import Settings
from parley.kernel.dependencies import ActorDependency, PrincipalDependency, ServicesDependency
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import CSRF_FIELD, page_session, page_user
from parley.web.rendering import page, redirect

log = structlog.get_logger(__name__)

MOST_SHOWN = 100
FIRST = ("slack", "twilio")
"""The kinds by which customers write; what else there is comes below."""
NOTICES = {
    "connected": "The account is connected.",
    "disconnected": "The account is disconnected. Its keys are deleted here.",
}


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """What can be connected. Where the server isn't set up for it, `missing` are the settings, and what to register."""

    name: str
    title: str
    description: str
    is_oauth: bool
    connect_template: str | None
    missing: Sequence[str]
    redirect_uri: str
    given: Mapping[str, str]
    problem: str | None


class ConnectedView(msgspec.Struct, frozen=True, kw_only=True):
    """A connected account. `kind` is None where the server doesn't know its kind any more."""

    integration: IntegrationOut
    kind: KindView | None
    title: str
    template: str | None
    pages_of_use: Sequence[PageOfUse]


class IntegrationsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `connections/integrations.html`."""

    connected: Sequence[ConnectedView]
    kinds: Sequence[KindView]
    is_admin: bool
    notice: str | None = None
    problem: str | None = None


class CallbackPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `connections/callback.html`."""

    title: str
    problem: str
    page: str


class FormProblem(msgspec.Struct, frozen=True):
    """What went wrong with the form of one kind, and what was in it but for its secrets."""

    kind: str
    words: str
    given: Mapping[str, str]


def _kind_view(settings: Settings, kind: IntegrationKind, problem: FormProblem | None) -> KindView:
    is_missing = kind.oauth is not None and kind.oauth.app(settings) is None
    is_here = problem is not None and problem.kind == kind.name
    return KindView(
        name=kind.name,
        title=kind.title,
        description=kind.description,
        is_oauth=kind.oauth is not None,
        connect_template=kind.connect_template,
        missing=kind.oauth.variables if kind.oauth is not None and is_missing else (),
        redirect_uri=redirect_uri_of(settings, kind.name),
        given=problem.given if problem and is_here else {},
        problem=problem.words if problem and is_here else None,
    )


async def _page(
    request: ParleyRequest, services: Services, actor: Actor, problem: FormProblem | None = None
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        _, found = await integrations_page(db, actor.project_id, PageRequest(limit=MOST_SHOWN))
    kinds = {
        name: _kind_view(services.settings, kind, problem)
        for name, kind in sorted(KINDS.items(), key=lambda one: (one[0] not in FIRST, one[1].title))
    }
    connected = [
        ConnectedView(
            integration=shown_integration(one),
            kind=kinds.get(one.kind),
            title=kinds[one.kind].title if one.kind in kinds else one.kind,
            template=KINDS[one.kind].template if one.kind in KINDS else None,
            pages_of_use=PAGES_OF_USE.get(one.kind, ()),
        )
        for one in found
    ]
    context = IntegrationsPage(
        connected=connected,
        kinds=list(kinds.values()),
        is_admin=actor.is_admin,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
        problem=problem.words if problem and problem.kind not in kinds else None,
    )
    return page(request, "connections/integrations.html", context, status=422 if problem else 200)


@get(PAGE, guards=[page_session], include_in_schema=False)
async def show_integrations(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what the project is connected to, and what can be connected."""
    return await _page(request, services, actor)


@get(f"{PAGE}/{{kind:str}}/authorize", guards=[page_session], include_in_schema=False)
async def consent_from_page(
    request: ParleyRequest, kind: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send the browser to the service's page of consent."""
    try:
        if not actor.is_admin:
            raise NotAdmin
        consent = await begin_consent(services, actor, kind_by_name(kind), f"{PAGE}?notice=connected")
    except AppError as error:
        return await _page(request, services, actor, FormProblem("", error.detail, {}))
    headers = {"Location": consent.url, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, media_type="text/plain")


@post(f"{PAGE}/{{kind:str}}/connect", guards=[page_session], include_in_schema=False)
async def connect_from_page(
    request: ParleyRequest, kind: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Connect an account by the credentials in the form, or show the form with the problem."""
    fields = {
        name: str(value).strip() for name, value in (await request.fields()).items() if name != CSRF_FIELD
    }
    try:
        if not actor.is_admin:
            raise NotAdmin
        account = await account_to_connect(services, actor, NewIntegration(kind=kind, config=fields))
        async with services.database.transaction() as db:
            await store_account(db, services, actor, kind_by_name(kind), account)
    except AppError as error:
        # What may be a secret is typed anew.
        given = {name: value for name, value in fields.items() if name.endswith(("_sid", "_id", "name"))}
        return await _page(request, services, actor, FormProblem(kind, error.detail, given))
    return redirect(f"{PAGE}?notice=connected#top")


@post(f"{PAGE}/{{integration_id:str}}/disconnect", guards=[page_session], include_in_schema=False)
async def disconnect_from_page(
    request: ParleyRequest,
    integration_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Disconnect an account."""
    if not actor.is_admin:
        return await _page(request, services, actor, FormProblem("", NotAdmin.default_detail, {}))
    async with services.database.transaction() as db:
        await disconnect(db, services, actor, integration_id)
    return redirect(f"{PAGE}?notice=disconnected")


@get("/integrations/{kind:str}/callback", guards=[page_user], include_in_schema=False)
async def come_back(
    request: ParleyRequest, kind: FromPath[str], principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Finish connecting, in the session in which it began; where that can't be, say why."""
    try:
        code, state = _brought(kind, request.query_params)
        authenticator = request.app.state.authenticator
        next_path = await finish_in_browser(services, authenticator, principal, kind, code=code, state=state)
    except AppError as error:
        context = CallbackPage(title=_title(kind), problem=error.detail, page=PAGE)
        return page(request, "connections/callback.html", context, status=error.status)
    return redirect(next_path)


def _brought(kind: str, query: Mapping[str, str]) -> tuple[str, str]:
    """Return code and state; raises Invalid where there is no code (RFC 6749, section 4.1.2.1)."""
    if query.get("error") or not query.get("code"):
        log.warning("integration_consent_refused", kind=kind[:40], error=query.get("error", "")[:80])
        raise Invalid(
            f"{_title(kind)} did not connect the account: permission was not given. You can begin again."
        )
    return query["code"], query.get("state", "")


def _title(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else "The service"


handlers: list[Any] = [
    show_integrations,
    consent_from_page,
    connect_from_page,
    disconnect_from_page,
    come_back,
]
