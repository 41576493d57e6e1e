"""The API of subscriptions (docs/subscriptions.md)."""

from typing import Any

from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import structs

from parley.analytics.subscriptions import SUBSCRIPTION, SUBSCRIPTIONS
from parley.analytics.subscriptions.actions.drafts import checked_draft
from parley.analytics.subscriptions.actions.subscriptions import change_subscription, create_subscription
from parley.analytics.subscriptions.actions.unsubscribing import unsubscribe_by_token
from parley.analytics.subscriptions.queries.subscriptions import (
    shown_subscription,
    subscription_by_key,
    subscription_page,
)
from parley.analytics.subscriptions.rules.filters import read_filters
from parley.analytics.subscriptions.schemas import (
    NewSubscription,
    SubscriptionOut,
    SubscriptionPatch,
    Unsubscribed,
)
from parley.analytics.subscriptions.workspaces import workspaces_of
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency, own_transaction
from parley.kernel.http.authorization import Actor, needs, public
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.patches import patched_fields
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import pages_counted

READS, WRITES = needs("subscription:read"), needs("subscription:write")
QUERY = [
    Query("deleted", "Deleted subscriptions instead of the others.", bool),
    Query("insight", "Only those about this insight.", int),
    Query("dashboard", "Only those about this dashboard.", int),
    Query("created_by", "Only those of the user with this uuid."),
    Query("resource_type", "`insight` or `dashboard`."),
    Query("target_type", "`email`, `slack` or `webhook`."),
    Query("search", "Only those whose title, or whose insight or dashboard, holds this text."),
    Query(
        "ordering", "`created_at`, `next_delivery_date`, `title` or `created_by__email`; `-` turns it round."
    ),
]


@get(SUBSCRIPTIONS, guards=[READS], opt=documented(query=QUERY))
async def list_subscriptions(
    request: ParleyRequest, db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> Page[SubscriptionOut]:
    """List the project's subscriptions, newest first."""
    asked, filters = page_request(request), read_filters(request.query_params)
    count, found = await subscription_page(db, actor.project_id, filters, asked)
    shown = [shown_subscription(one, actor, services.vault) for one in found]
    return page_of(request, asked, count, shown)


@post(SUBSCRIPTIONS, guards=[WRITES], status_code=201, opt=KEEPS)
async def make_subscription(
    data: JSONBody[NewSubscription],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SubscriptionOut:
    """Subscribe somebody to an insight or a dashboard. New addresses get an invitation, a new channel an introduction."""
    # Before the transaction, as the DNS may be slow.
    draft = await checked_draft(services, actor, workspaces_of(request), structs.asdict(data))
    async with own_transaction(request, services) as db:
        made = await create_subscription(db, services, actor, draft)
        shown = shown_subscription(made, actor, services.vault)
        await keep(request, 201, shown)
    return shown


@get(SUBSCRIPTION, guards=[READS])
async def show_subscription(
    subscription_id: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> SubscriptionOut:
    """Show one subscription, also one that is deleted."""
    found = await subscription_by_key(db, actor.project_id, subscription_id)
    return shown_subscription(found, actor, services.vault)


@patch(SUBSCRIPTION, guards=[WRITES])
async def edit_subscription(
    subscription_id: FromPath[str],
    data: JSONBody[SubscriptionPatch],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SubscriptionOut:
    """Change a subscription, all or nothing. Only addresses that are new get an invitation."""
    return await _change(request, services, actor, subscription_id, patched_fields(data))


@put(SUBSCRIPTION, guards=[WRITES])
async def replace_subscription(
    subscription_id: FromPath[str],
    data: JSONBody[NewSubscription],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SubscriptionOut:
    """Replace a subscription: what the body leaves out takes its default."""
    return await _change(request, services, actor, subscription_id, structs.asdict(data))


async def _change(
    request: ParleyRequest, services: Services, actor: Actor, key: str, fields: dict[str, Any]
) -> SubscriptionOut:
    async with services.database.transaction(write=False) as db:
        before = await subscription_by_key(db, actor.project_id, key)
    draft = await checked_draft(services, actor, workspaces_of(request), fields, before)
    async with services.database.transaction() as db:
        changed = await change_subscription(db, services, actor, draft)
    return shown_subscription(changed, actor, services.vault)


@delete(
    SUBSCRIPTION,
    guards=[WRITES],
    status_code=405,
    opt=documented(answers={405: DocumentedAnswer("Never possible.")}),
)
async def delete_subscription(
    subscription_id: FromPath[str], db: DbDependency, actor: ActorDependency
) -> Response[Any]:
    """Nothing: a subscription is deleted by `PATCH` with `deleted`."""
    await subscription_by_key(db, actor.project_id, subscription_id)
    return Response(
        b"", status_code=405, media_type="text/plain", headers={"Allow": "GET, PUT, PATCH, HEAD, OPTIONS"}
    )


TOKEN = [Query("token", "The token of the link in a mail.")]


@get("/api/unsubscribe", guards=[public, pages_counted], opt=documented(query=TOKEN, problem=None))
async def unsubscribe_by_link(request: ParleyRequest, services: ServicesDependency) -> Unsubscribed:
    """Take the address of a link off its subscription. Pages call it; what mails link to asks first."""
    link = await unsubscribe_by_token(services, request.query_params.get("token"))
    return Unsubscribed(success=link is not None)


handlers: list[Any] = [
    list_subscriptions,
    make_subscription,
    show_subscription,
    edit_subscription,
    replace_subscription,
    delete_subscription,
    unsubscribe_by_link,
]
