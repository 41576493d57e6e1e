"""One subscription: its form, what was delivered, and the buttons that try it, pause it and delete it."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import structs

from parley.analytics.subscription_deliveries.actions.testing import admit_test, begin_test
from parley.analytics.subscription_deliveries.errors import TestDeliveryRefused
from parley.analytics.subscription_deliveries.queries.deliveries import DeliveryPlace, deliveries_around
from parley.analytics.subscription_deliveries.schemas import SubscriptionDeliveryOut
from parley.analytics.subscription_pages.pages.editor import REFUSED, sent_form
from parley.analytics.subscription_pages.pages.views import (
    SubscriptionFormView,
    stored,
    stored_form,
    viewed,
    workspace_for,
)
from parley.analytics.subscription_pages.rules.forms import SubscriptionForm, fields_of
from parley.analytics.subscription_pages.rules.words import date_words
from parley.analytics.subscriptions.actions.drafts import checked_draft
from parley.analytics.subscriptions.actions.subscriptions import change_subscription
from parley.analytics.subscriptions.schemas import StoredSubscription, SubscriptionPatch
from parley.analytics.subscriptions.workspaces import workspaces_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.patches import patched_fields
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor
from parley.kernel.text.time_zones import zone
from parley.web.error_pages import problem_of
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/subscriptions/{subscription_id:str}"
TEMPLATE = "subscription_pages/subscription.html"
NOTICES = {
    "saved": "Saved.",
    "test": "A test delivery has begun. What becomes of it stands below in a moment.",
    "enable": "The subscription is enabled.",
    "disable": "The subscription is paused.",
    "restore": "The subscription is back.",
}
CHANGES = {
    "enable": {"enabled": True},
    "disable": {"enabled": False},
    "delete": {"deleted": True},
    "restore": {"deleted": False},
}
STATUSES = {"starting": "Under way", "completed": "Delivered", "failed": "Failed", "skipped": "Left out"}
WITHOUT_MAIL_SERVER = {**STATUSES, "completed": "Written to files"}


class SubscriptionView(SubscriptionFormView, frozen=True, kw_only=True):
    """Context of `subscription_pages/subscription.html`; `refused` says why a button did nothing."""

    next_date: str | None
    deliveries: Sequence[SubscriptionDeliveryOut]
    older_path: str | None
    is_first_page: bool
    notice: str | None = None
    refused: str | None = None
    statuses: dict[str, str]


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_subscription_page(
    request: ParleyRequest,
    subscription_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Show a subscription with what was delivered."""
    found = await stored(services, actor, subscription_id)
    view = await viewed(request, services, actor, stored_form(services, actor, found), found)
    shown = await _shown(request, services, actor, view)
    notice = NOTICES.get(request.query_params.get("notice", ""))
    return page(request, TEMPLATE, structs.replace(shown, notice=notice))


@post(PATH, guards=[page_session], include_in_schema=False)
async def change_subscription_page(
    request: ParleyRequest,
    subscription_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Save the form, or do what another button says; show the problem where that can't be done."""
    form, _ = await sent_form(request)
    found = await stored(services, actor, subscription_id)
    try:
        await _do(request, services, actor, form, found)
    except TestDeliveryRefused as error:
        return await _refused(request, services, actor, found, error.detail, error.status)
    except REFUSED as error:
        if form.do != "save":
            return await _refused(request, services, actor, found, problem_of(error), error.status)
        view = await viewed(request, services, actor, form, found, error)
        shown = await _shown(request, services, actor, view)
        return page(request, TEMPLATE, shown, status=error.status)
    return redirect(_after(form.do, found.id))


def _after(do: str, id: int) -> str:
    if do == "delete":
        return f"/subscriptions?notice=deleted&restorable={id}"
    return f"/subscriptions/{id}?notice={do if do in NOTICES else 'saved'}"


async def _do(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: SubscriptionForm,
    found: StoredSubscription,
) -> None:
    """Do what a button says; raises what `checked_draft` and a test delivery raise."""
    if form.do == "test":
        await _test(request, services, actor, found)
    elif form.do in CHANGES:
        await _change(request, services, actor, found, CHANGES[form.do])
    else:
        workspace = await workspace_for(request, services, actor, form)
        sent = fields_of(form, zone(actor.project.timezone), found, workspace)
        await _change(request, services, actor, found, patched_fields(read(SubscriptionPatch, sent)))


async def _test(request: ParleyRequest, services: Services, actor: Actor, found: StoredSubscription) -> None:
    await checked_draft(services, actor, workspaces_of(request), {}, found)  # whoever may change it
    id = await admit_test(services, actor.project_id, str(found.id))
    async with services.database.transaction() as db:
        await begin_test(db, services, actor.project_id, id)


async def _change(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    found: StoredSubscription,
    fields: dict[str, Any],
) -> None:
    draft = await checked_draft(services, actor, workspaces_of(request), fields, found)
    async with services.database.transaction() as db:
        await change_subscription(db, services, actor, draft)


async def _refused(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    found: StoredSubscription,
    problem: str,
    status: int,
) -> Response[Any]:
    """Show what is stored, and why a button did nothing."""
    view = await viewed(request, services, actor, stored_form(services, actor, found), found)
    shown = await _shown(request, services, actor, view)
    return page(request, TEMPLATE, structs.replace(shown, refused=problem), status=status)


async def _shown(
    request: ParleyRequest, services: Services, actor: Actor, view: SubscriptionFormView
) -> SubscriptionView:
    found, where = view.subscription, zone(actor.project.timezone)
    assert found is not None
    place = decoded_cursor(request.query_params.get("cursor"), DeliveryPlace)
    async with services.database.transaction(write=False) as db:
        deliveries, has_older = await deliveries_around(db, actor.project_id, found.id, None, place)
    last = encoded_cursor(DeliveryPlace(deliveries[-1].id)) if has_older else None
    at = found.next_delivery_date if found.enabled and not found.deleted else None
    return SubscriptionView(
        **{name: getattr(view, name) for name in view.__struct_fields__},
        next_date=date_words(at, where) if at else None,
        deliveries=deliveries,
        older_path=f"/subscriptions/{found.id}?cursor={last}#history" if last else None,
        is_first_page=place is None,
        statuses=STATUSES if view.has_mail_server or found.target_type != "email" else WITHOUT_MAIL_SERVER,
    )


handlers: list[Any] = [show_subscription_page, change_subscription_page]
