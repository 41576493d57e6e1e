"""The API of integrations (docs/integrations.md)."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from parley.integrations.connections import INTEGRATION, INTEGRATIONS, PAGE
from parley.integrations.connections.actions.connecting import disconnect, store_account
from parley.integrations.connections.actions.consenting import begin_consent
from parley.integrations.connections.actions.finishing import account_to_connect
from parley.integrations.connections.errors import NotAdmin
from parley.integrations.connections.kinds import kind_by_name
from parley.integrations.connections.queries.integrations import (
    integration_by_id,
    integrations_page,
    shown_integration,
)
from parley.integrations.connections.schemas import IntegrationOut, NewIntegration
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency, own_transaction
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Connection, needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.web.guards import local_path

READS, WRITES = needs("integration:read"), needs("integration:write")
AUTHORIZE = documented(
    query=[
        Query("kind", "The kind of integration, such as `linkedin-ads`."),
        Query("next", "A path of this site, where the browser goes once the account is connected."),
        Query("is_sandbox", "Taken and without effect."),
    ],
    answers={302: DocumentedAnswer("To the service's page of consent.", headers=("Location",))},
)


async def admins_of_project(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass, and refuse others in the words of the wire format."""
    if not connection.state.actor.is_admin:
        raise NotAdmin


@get(INTEGRATIONS, guards=[READS])
async def list_integrations(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> Page[IntegrationOut]:
    """List the accounts that the project is connected to, oldest first."""
    asked = page_request(request)
    count, found = await integrations_page(db, actor.project_id, asked)
    return page_of(request, asked, count, [shown_integration(one) for one in found])


@post(INTEGRATIONS, guards=[WRITES, admins_of_project], status_code=201, opt=KEEPS)
async def create_integration(
    data: JSONBody[NewIntegration],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> IntegrationOut:
    """Connect an account. The same one again keeps its id, and its error is gone. For admins."""
    kind = kind_by_name(data.kind)
    # Before the transaction, as the service may be slow.
    try:
        account = await account_to_connect(services, actor, data)
    except AppError:
        async with own_transaction(request, services):  # a repeated request gets its first answer here
            raise
    async with own_transaction(request, services) as db:
        made = shown_integration(await store_account(db, services, actor, kind, account))
        await keep(request, 201, made)
    return made


@get(f"{INTEGRATIONS}/authorize", guards=[READS], status_code=302, opt=AUTHORIZE)
async def authorize_integration(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Redirect to the page on which somebody consents to connecting their account."""
    kind = kind_by_name(request.query_params.get("kind", ""))
    next_path = local_path(request.query_params.get("next"), PAGE)
    consent = await begin_consent(services, actor, kind, next_path)
    # Pages of PostHog read it, so it is not hidden from scripts. What counts is stored on the server.
    kept = Cookie(
        key="ph_oauth_state",
        value=consent.token,
        path="/",
        samesite="lax",
        secure=services.settings.is_https,
        max_age=300,
    )
    headers = {"Location": consent.url, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, media_type="text/plain", cookies=[kept])


@get(INTEGRATION, guards=[READS])
async def show_integration(
    integration_id: FromPath[str], db: DbDependency, actor: ActorDependency
) -> IntegrationOut:
    """Show one connected account."""
    return shown_integration(await integration_by_id(db, actor.project_id, integration_id))


@delete(INTEGRATION, guards=[WRITES, admins_of_project], status_code=204)
async def delete_integration(
    integration_id: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> None:
    """Disconnect an account: its secrets are deleted, and what hangs on it ends. For admins."""
    await disconnect(db, services, actor, integration_id)


handlers: list[Any] = [
    list_integrations,
    create_integration,
    authorize_integration,
    show_integration,
    delete_integration,
]
