"""Webhooks in the settings: made and changed by admins, who also see what was sent and send it again."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import structs

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.queries.projects import project_out
from parley.conversations.ticket_changes.rules.kinds import KINDS
from parley.integrations.webhooks.actions import deliveries, endpoints
from parley.integrations.webhooks.queries.deliveries import deliveries_page, state_of
from parley.integrations.webhooks.queries.endpoints import endpoint_by_id, endpoints_page, uuid_or_not_found
from parley.integrations.webhooks.rules import ALL, MOST_ENDPOINTS
from parley.integrations.webhooks.schemas import DeliveryOut, EndpointOut, EndpointPatch, NewEndpoint
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.paging import PageRequest, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.webhook_messages import without_secrets
from parley.kernel.services import Services
from parley.web.guards import page_recent, page_session
from parley.web.rendering import page, redirect

PATH = "/settings/webhooks"
ONE = f"{PATH}/{{webhook_id:str}}"
BOX = "event:"
MOST_SHOWN = 20
MOST_SHOWN_LETTERS = 4000
"""Of the body of a delivery; the API has the rest."""
LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
EVENTS = {
    ALL: "Everything",
    **{kind.event: LINK.sub(r"\1", kind.happens).capitalize() for kind in KINDS if kind.event},
}
NOTICES = {
    "saved": "Saved.",
    "deleted": "The webhook is deleted, with its deliveries.",
    "tested": "A test message is on its way. What became of it stands below, under Deliveries.",
    "retried": "What waits and what has failed is sent now.",
    "replayed": "It is sent once more.",
}


class EndpointForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the form holds; `events` are the boxes that are ticked."""

    url: str = ""
    description: str = ""
    events: Sequence[str] = (ALL,)
    enabled: bool = True


class WebhooksPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `webhooks/webhooks.html`; `secret` is shown to who has asked for it."""

    endpoints: Sequence[EndpointOut]
    may_change: bool
    form: EndpointForm
    events: Mapping[str, str] = msgspec.field(default_factory=EVENTS.copy)
    secret: str | None = None
    notice: str | None = None
    problem: str | None = None
    at: str | None = None


class ShownDelivery(msgspec.Struct, frozen=True):
    """A delivery, and its body as people read it."""

    one: DeliveryOut
    text: str


class WebhookPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `webhooks/webhook.html`; `older` leads to the deliveries before those that are shown."""

    endpoint: EndpointOut
    form: EndpointForm
    deliveries: Sequence[ShownDelivery]
    count: int
    state: str
    older: str | None
    events: Mapping[str, str] = msgspec.field(default_factory=EVENTS.copy)
    notice: str | None = None
    problem: str | None = None
    at: str | None = None


async def _form(request: ParleyRequest) -> EndpointForm:
    fields = await request.fields()
    return EndpointForm(
        url=str(fields.get("url", "")),
        description=str(fields.get("description", "")),
        events=[name for name in EVENTS if f"{BOX}{name}" in fields],
        enabled="enabled" in fields,
    )


def _notice(request: ParleyRequest) -> str | None:
    return NOTICES.get(request.query_params.get("notice", ""))


async def _webhooks_page(
    request: ParleyRequest, services: Services, actor: Actor, **overrides: Any
) -> WebhooksPage:
    async with services.database.transaction(write=False) as db:
        _, found = await endpoints_page(db, actor.project_id, PageRequest(limit=MOST_ENDPOINTS))
    shown = [structs.replace(one, url=without_secrets(one.url)) for one in found]
    values = {"form": EndpointForm(), "notice": _notice(request), **overrides}
    return WebhooksPage(endpoints=shown, may_change=actor.is_admin, **values)


async def _webhook_page(
    request: ParleyRequest, services: Services, actor: Actor, webhook_id: str, **overrides: Any
) -> WebhookPage:
    id, asked = uuid_or_not_found(webhook_id), page_request(request, default=MOST_SHOWN, most=MOST_SHOWN)
    state = state_of(request.query_params.get("state"))
    async with services.database.transaction(write=False) as db:
        one = await endpoint_by_id(db, actor.project_id, id)
        count, found = await deliveries_page(db, actor.project_id, id, state, asked)
    end = asked.offset + len(found)
    older = f"{PATH}/{id}?state={state or ''}&offset={end}" if end < count else None
    stored = EndpointForm(url=one.url, description=one.description, events=one.events, enabled=one.enabled)
    return WebhookPage(
        endpoint=one,
        deliveries=[ShownDelivery(delivery, _readable(bytes(delivery.payload))) for delivery in found],
        count=count,
        state=state or "",
        older=older,
        **{"form": stored, "notice": _notice(request), **overrides},
    )


def _readable(payload: bytes) -> str:
    text = msgspec.json.format(payload, indent=2).decode()
    return text if len(text) <= MOST_SHOWN_LETTERS else f"{text[:MOST_SHOWN_LETTERS]} ..."


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_webhooks(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the project's webhooks, without what may be secret in their URLs, and for admins a form for another one."""
    return page(request, "webhooks/webhooks.html", await _webhooks_page(request, services, actor))


@post(PATH, guards=[page_session], include_in_schema=False)
async def add_webhook(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Make a webhook and go to its page, or show the form with the error."""
    check_admin(actor)
    form = await _form(request)
    try:
        new = read(NewEndpoint, {"url": form.url, "description": form.description, "events": form.events})
        await endpoints.check_url(services, new.url)  # before the transaction, as the DNS may be slow
        async with services.database.transaction() as db:
            made = await endpoints.create_endpoint(db, services, actor, new)
    except Invalid as error:
        shown = await _webhooks_page(request, services, actor, form=form, problem=error.detail, at=error.attr)
        return page(request, "webhooks/webhooks.html", shown, status=422)
    return redirect(f"{PATH}/{made.id}?notice=saved")


@post(f"{PATH}/secret", guards=[page_session, page_recent], include_in_schema=False)
async def show_signing_secret(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the secret by which receivers check messages, to an admin who has proved lately who they are."""
    check_admin(actor)
    async with services.database.transaction() as db:
        project = await project_out(db, services.vault, actor.project_id, actor.principal)
        await record_in_project(db, services, actor.project_id, "webhook.secret_shown")
    shown = await _webhooks_page(request, services, actor, secret=project.webhook_signing_secret)
    return page(request, "webhooks/webhooks.html", shown)


@get(ONE, guards=[page_session], include_in_schema=False)
async def show_webhook_page(
    request: ParleyRequest, webhook_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a webhook with what was sent to it. For admins."""
    check_admin(actor)
    shown = await _webhook_page(request, services, actor, webhook_id)
    return page(request, "webhooks/webhook.html", shown)


@post(ONE, guards=[page_session], include_in_schema=False)
async def save_webhook(
    request: ParleyRequest, webhook_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Change a webhook, or show the form with the error. For admins."""
    check_admin(actor)
    form = await _form(request)
    try:
        patch = read(EndpointPatch, structs.asdict(form))
        await endpoints.change_endpoint(services, actor, uuid_or_not_found(webhook_id), patch)
    except Invalid as error:
        wrong = {"form": form, "problem": error.detail, "at": error.attr}
        shown = await _webhook_page(request, services, actor, webhook_id, **wrong)
        return page(request, "webhooks/webhook.html", shown, status=422)
    return redirect(f"{PATH}/{webhook_id}?notice=saved")


@post(f"{ONE}/delete", guards=[page_session], include_in_schema=False)
async def remove_webhook(
    webhook_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a webhook with its deliveries. For admins."""
    check_admin(actor)
    await endpoints.delete_endpoint(db, services, actor, uuid_or_not_found(webhook_id))
    return redirect(f"{PATH}?notice=deleted")


@post(f"{ONE}/test", guards=[page_session], include_in_schema=False)
async def send_test_message(
    request: ParleyRequest, webhook_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send a message of type `webhook.test`. For admins."""
    return await _done(request, services, actor, webhook_id, "tested")


@post(f"{ONE}/retry", guards=[page_session], include_in_schema=False)
async def retry_deliveries(
    request: ParleyRequest, webhook_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """End a webhook's pause, and send what waits and what has failed. For admins."""
    return await _done(request, services, actor, webhook_id, "retried")


@post(f"{ONE}/deliveries/{{delivery_id:str}}/replay", guards=[page_session], include_in_schema=False)
async def send_once_more(
    request: ParleyRequest,
    webhook_id: FromPath[str],
    delivery_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Send a message once more, with the same `webhook-id`. For admins."""
    return await _done(request, services, actor, webhook_id, "replayed", delivery_id)


async def _done(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    webhook_id: str,
    what: str,
    delivery_id: str = "",
) -> Response[Any]:
    """Do what a button says, and show the webhook with a notice, or with the reason why it isn't done."""
    check_admin(actor)
    id = uuid_or_not_found(webhook_id)
    try:
        async with services.database.transaction() as db:
            if what == "tested":
                await deliveries.send_test(db, services, actor.project_id, id)
            elif what == "retried":
                await endpoints.retry_endpoint(db, services, actor.project_id, id)
            else:
                await deliveries.replay(db, services, actor.project_id, id, uuid_or_not_found(delivery_id))
    except Invalid as error:
        shown = await _webhook_page(request, services, actor, webhook_id, problem=error.detail)
        return page(request, "webhooks/webhook.html", shown, status=422)
    return redirect(f"{PATH}/{webhook_id}?notice={what}#deliveries")


handlers = [
    show_webhooks,
    add_webhook,
    show_signing_secret,
    show_webhook_page,
    save_webhook,
    remove_webhook,
    send_test_message,
    retry_deliveries,
    send_once_more,
]
