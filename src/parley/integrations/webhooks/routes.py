"""Webhooks of a project: endpoints, and the log of what was sent to them."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import structs

from parley.integrations.webhooks.actions import deliveries, endpoints
from parley.integrations.webhooks.queries.deliveries import deliveries_page, state_of
from parley.integrations.webhooks.queries.endpoints import endpoint_by_id, endpoints_page, uuid_or_not_found
from parley.integrations.webhooks.schemas import (
    DeliveryOut,
    EndpointOut,
    EndpointPatch,
    NewEndpoint,
    State,
)
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    ServicesDependency,
    own_transaction,
)
from parley.kernel.http.authorization import (
    Actor,
    and_needs,
    needs,
)
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.network.webhook_messages import without_secrets
from parley.kernel.openapi.documented import Query, documented

WEBHOOKS = "/api/projects/{project_id:str}/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id:str}}"
DELIVERIES = f"{WEBHOOK}/deliveries"
QUERY = [Query("state", "Only deliveries in this state.", State)]


# A delivery holds what customers wrote: no key may have it sent, or read it in the log, that can't read tickets.
reads_tickets = and_needs("ticket:read")


def _shown(actor: Actor, one: EndpointOut) -> EndpointOut:
    """Many receivers know their caller by something secret in the URL: only who may change it sees it whole."""
    may_change = actor.is_admin and actor.principal.has("webhook:write")
    return one if may_change else structs.replace(one, url=without_secrets(one.url))


@get(WEBHOOKS, guards=[needs("webhook:read")])
async def list_webhooks(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[EndpointOut]:
    """List the project's webhooks, oldest first; members who can't change them see no secrets in their URLs."""
    asked = page_request(request)
    count, found = await endpoints_page(db, actor.project_id, asked)
    return page_of(request, asked, count, [_shown(actor, one) for one in found])


@post(
    WEBHOOKS,
    guards=[needs("webhook:write"), reads_tickets, admins_of_project_only],
    status_code=201,
    opt=KEEPS,
)
async def create_webhook(
    data: JSONBody[NewEndpoint], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> EndpointOut:
    """Make a webhook: a public URL that gets the named events. For admins."""
    # Before the transaction, as the DNS may be slow.
    await endpoints.check_url(services, data.url)
    async with own_transaction(request, services) as db:
        made = await endpoints.create_endpoint(db, services, actor, data)
        await keep(request, 201, made)
    return made


@get(WEBHOOK, guards=[needs("webhook:read")])
async def show_webhook(webhook_id: FromPath[str], actor: ActorDependency, db: DbDependency) -> EndpointOut:
    """Show one webhook, and whether it is paused after failures."""
    return _shown(actor, await endpoint_by_id(db, actor.project_id, uuid_or_not_found(webhook_id)))


@patch(WEBHOOK, guards=[needs("webhook:write"), reads_tickets, admins_of_project_only])
async def change_webhook(
    webhook_id: FromPath[str],
    data: JSONBody[EndpointPatch],
    actor: ActorDependency,
    services: ServicesDependency,
) -> EndpointOut:
    """Change a webhook; enabling it again, or another URL, ends its pause. For admins."""
    return await endpoints.change_endpoint(services, actor, uuid_or_not_found(webhook_id), data)


@delete(WEBHOOK, guards=[needs("webhook:write"), admins_of_project_only], status_code=204)
async def delete_webhook(
    webhook_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Delete a webhook with its deliveries, also those that still wait. For admins."""
    await endpoints.delete_endpoint(db, services, actor, uuid_or_not_found(webhook_id))


@post(f"{WEBHOOK}/test", guards=[needs("webhook:write"), admins_of_project_only], status_code=201)
async def test_webhook(
    webhook_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> DeliveryOut:
    """Send a message of type `webhook.test`, retried like any other; the answer is its delivery. For admins."""
    one = uuid_or_not_found(webhook_id)
    return await deliveries.send_test(db, services, actor.project_id, one)


@post(
    f"{WEBHOOK}/retry",
    guards=[needs("webhook:write"), reads_tickets, admins_of_project_only],
    status_code=200,
)
async def retry_webhook(
    webhook_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> EndpointOut:
    """End a webhook's pause and send now what waits and what has failed, 5000 at a time. For admins."""
    return await endpoints.retry_endpoint(db, services, actor.project_id, uuid_or_not_found(webhook_id))


@get(
    DELIVERIES,
    guards=[needs("webhook:read"), reads_tickets, admins_of_project_only],
    opt=documented(query=QUERY),
)
async def list_deliveries(
    webhook_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[DeliveryOut]:
    """List a webhook's deliveries of the last thirty days and those that wait, newest first. For admins."""
    asked, one = page_request(request), uuid_or_not_found(webhook_id)
    await endpoint_by_id(db, actor.project_id, one)
    state = state_of(request.query_params.get("state"))
    count, found = await deliveries_page(db, actor.project_id, one, state, asked)
    return page_of(request, asked, count, found)


@post(
    f"{DELIVERIES}/{{delivery_id:str}}/replay",
    guards=[needs("webhook:write"), reads_tickets, admins_of_project_only],
    status_code=201,
)
async def replay_delivery(
    webhook_id: FromPath[str],
    delivery_id: FromPath[str],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> DeliveryOut:
    """Send a message once more, with the same `webhook-id`; the answer is the new delivery, or the one that is on its way.

    For admins.
    """
    one, old = uuid_or_not_found(webhook_id), uuid_or_not_found(delivery_id)
    return await deliveries.replay(db, services, actor.project_id, one, old)


handlers: list[Any] = [
    list_webhooks,
    create_webhook,
    show_webhook,
    change_webhook,
    delete_webhook,
    test_webhook,
    retry_webhook,
    list_deliveries,
    replay_delivery,
]
