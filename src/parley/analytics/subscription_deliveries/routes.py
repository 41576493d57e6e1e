"""The API of deliveries (docs/subscriptions.md#deliveries)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.subscription_deliveries.actions.testing import admit_test, begin_test
from parley.analytics.subscription_deliveries.pictures import PATH, picture_by_token
from parley.analytics.subscription_deliveries.queries.deliveries import (
    DeliveryPlace,
    deliveries_around,
    delivery_by_key,
)
from parley.analytics.subscription_deliveries.rules import PICTURE_LIMIT, read_status
from parley.analytics.subscription_deliveries.schemas import (
    DeliveryPage,
    RefusedTest,
    Status,
    SubscriptionDeliveryOut,
)
from parley.analytics.subscriptions import SUBSCRIPTION
from parley.analytics.subscriptions.queries.subscriptions import subscription_by_key
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency, own_transaction
from parley.kernel.http.authorization import needs, public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.network.addresses import network_of
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor

DELIVERIES = SUBSCRIPTION + "/deliveries"
REFUSED = "The subscription is disabled, or a delivery of it is in progress."
READS, WRITES = needs("subscription:read"), needs("subscription:write")
OF_DELIVERIES = [
    Query("status", "Only deliveries in this state.", Status),
    Query("cursor", "A place in the list, out of `next` or `previous`."),
]


@post(
    SUBSCRIPTION + "/test-delivery",
    guards=[WRITES],
    status_code=202,
    opt=KEEPS
    | documented(
        answers={202: DocumentedAnswer("It has begun."), 409: DocumentedAnswer(REFUSED, (RefusedTest,))}
    ),
)
async def test_subscription(
    subscription_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Deliver a subscription now, to all its recipients; its next date stays."""
    check_may_edit(actor)
    id = await admit_test(services, actor.project_id, subscription_id)
    async with own_transaction(request, services) as db:
        await begin_test(db, services, actor.project_id, id)
        await keep(request, 202, None)
    return Response(b"", status_code=202, media_type="text/plain")


@get(DELIVERIES, guards=[READS], opt=documented(query=OF_DELIVERIES))
async def list_subscription_deliveries(
    subscription_id: FromPath[str], request: ParleyRequest, db: DbDependency, actor: ActorDependency
) -> DeliveryPage:
    """List the deliveries of a subscription in the last 90 days, newest first, 50 at a time."""
    status = read_status(request.query_params)
    found = await subscription_by_key(db, actor.project_id, subscription_id)
    place = decoded_cursor(request.query_params.get("cursor"), DeliveryPlace)
    results, has_more = await deliveries_around(db, actor.project_id, found.id, status, place)
    has_older, has_newer = (True, has_more) if place and place.is_back else (has_more, place is not None)
    return DeliveryPage(
        next=_place_url(request, results[-1], is_back=False) if results and has_older else None,
        previous=_place_url(request, results[0], is_back=True) if results and has_newer else None,
        results=results,
    )


def _place_url(request: ParleyRequest, one: SubscriptionDeliveryOut, *, is_back: bool) -> str:
    return request.url_with({"cursor": encoded_cursor(DeliveryPlace(one.id, is_back))})


@get(DELIVERIES + "/{subscription_delivery_id:str}", guards=[READS])
async def show_subscription_delivery(
    subscription_id: FromPath[str],
    subscription_delivery_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
) -> SubscriptionDeliveryOut:
    """Show one delivery, with what became of it at each recipient."""
    found = await subscription_by_key(db, actor.project_id, subscription_id)
    return await delivery_by_key(db, actor.project_id, found.id, subscription_delivery_id)


@get(PATH + "/{token:str}", guards=[public], include_in_schema=False)
async def show_report_picture(
    token: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[bytes]:
    """Send a picture of a report to Slack, or to a program that has got its address."""
    if services.settings.limits_public:
        await services.throttles.hit((PICTURE_LIMIT, network_of(request.client_address)))
    picture = await picture_by_token(services, token.removesuffix(".png"))
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(picture.content, media_type=picture.content_type, headers=headers)


handlers: list[Any] = [
    show_report_picture,
    test_subscription,
    list_subscription_deliveries,
    show_subscription_delivery,
]
