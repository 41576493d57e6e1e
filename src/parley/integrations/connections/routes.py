"""The API of integrations (docs/integrations.md)."""

from typing import Any

from litestar import delete, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from parley.integrations.connections import INTEGRATION, INTEGRATIONS
from parley.integrations.connections.actions.connecting import disconnect, store_account
from parley.integrations.connections.errors import KindNotSupported
from parley.integrations.connections.kinds import OutsideAccount, kind_by_name
from parley.integrations.connections.queries.integrations import (
    integration_by_id,
    integrations_page,
    shown_integration,
)
from parley.integrations.connections.schemas import IntegrationOut, NewIntegration
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency, own_transaction
from parley.kernel.errors import AppError, PermissionDenied
from parley.kernel.http.authorization import Connection, needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.services import Services

READS, WRITES = needs("integration:read"), needs("integration:write")
INSUFFICIENT = "You don't have sufficient permissions in the project."


async def admins_of_project(connection: Connection, _: BaseRouteHandler) -> None:
    """Let admins and owners pass, and refuse others in the words of the wire format."""
    if not connection.state.actor.is_admin:
        raise PermissionDenied(INSUFFICIENT)


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
        account = await _account(services, data)
    except AppError:
        async with own_transaction(request, services):  # a repeated request gets its first answer here
            raise
    async with own_transaction(request, services) as db:
        made = shown_integration(await store_account(db, services, actor, kind, account))
        await keep(request, 201, made)
    return made


async def _account(services: Services, new: NewIntegration) -> OutsideAccount:
    kind = kind_by_name(new.kind)
    if kind.connect is None:
        raise KindNotSupported
    return await kind.connect(services, new.config)


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


handlers: list[Any] = [list_integrations, create_integration, show_integration, delete_integration]
