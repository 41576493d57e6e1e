"""A new subscription, and what its schedule means before it is saved."""

from typing import Any

from litestar import Response, get, post
from msgspec import structs

from parley.analytics.subscription_pages.pages.views import (
    new_form,
    scheduled,
    stored,
    viewed,
    workspace_for,
)
from parley.analytics.subscription_pages.rules.forms import (
    SubscriptionForm,
    fields_of,
    without_foreign_target,
)
from parley.analytics.subscriptions.actions.drafts import checked_draft
from parley.analytics.subscriptions.actions.subscriptions import create_subscription
from parley.analytics.subscriptions.schemas import NewSubscription, StoredSubscription
from parley.analytics.subscriptions.workspaces import workspaces_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import parse_all, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

PATH, FORM_PATH, DATES_PATH = "/subscriptions/new", "/subscriptions/form", "/subscriptions/dates"
TEMPLATE = "subscription_pages/new.html"
REFUSED = (Invalid, Throttled)


async def sent_form(request: ParleyRequest) -> tuple[SubscriptionForm, str]:
    """Return the form that was sent, and the number of the subscription that it changes."""
    fields = parse_all(await request.body(), request.headers.get("content-type", ""))
    key = fields.get("key")
    return read(SubscriptionForm, fields), str(key[-1]) if isinstance(key, list) else ""


async def _sent(
    request: ParleyRequest, services: Services, actor: Actor
) -> tuple[SubscriptionForm, StoredSubscription | None]:
    form, key = await sent_form(request)
    return form, await stored(services, actor, key) if key else None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_new_subscription(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the form of a new subscription, about what the address names."""
    query = request.query_params
    kind = next((one for one in ("dashboard", "insight") if query.get(one)), None)
    form = new_form(f"{kind}:{query[kind][:10]}" if kind else "", actor, services.clock.now())
    return page(request, TEMPLATE, await viewed(request, services, actor, form, None))


@post(FORM_PATH, guards=[page_session], include_in_schema=False, status_code=200)
async def show_subscription_form(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the form as it was sent, with the fields and dates that belong to it. Nothing is saved."""
    form, found = await _sent(request, services, actor)
    view = await viewed(request, services, actor, without_foreign_target(form), found)
    return page(request, "subscription_pages/_form.html" if is_htmx(request) else TEMPLATE, view)


@post(DATES_PATH, guards=[page_session], include_in_schema=False, status_code=200)
async def show_dates(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Say in words what the schedule means, with its next dates. Nothing is saved."""
    form, found = await _sent(request, services, actor)
    return page(request, "subscription_pages/_dates.html", scheduled(services, actor, form, found))


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_new_subscription(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Save a new subscription, or show the form with the problem."""
    form, _ = await sent_form(request)
    workspace = await workspace_for(request, services, actor, form)
    try:
        said = read(NewSubscription, fields_of(form, zone(actor.project.timezone), None, workspace))
        draft = await checked_draft(services, actor, workspaces_of(request), structs.asdict(said))
        async with services.database.transaction() as db:
            made = await create_subscription(db, services, actor, draft)
    except REFUSED as error:
        view = await viewed(request, services, actor, form, None, error)
        return page(request, TEMPLATE, view, status=error.status)
    return redirect(f"/subscriptions/{made.id}?notice=saved")


handlers: list[Any] = [
    show_new_subscription,
    show_subscription_form,
    show_dates,
    save_new_subscription,
]
