"""What the form of a subscription needs to be shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from parley.analytics.dashboards.queries.dashboards import dashboard_page
from parley.analytics.dashboards.queries.tiles import tiles_of_dashboard
from parley.analytics.dashboards.rules.filters import DashboardFilters
from parley.analytics.insights.queries.insights import insight_page, insights_by_ids
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.filters import InsightFilters
from parley.analytics.subscription_pages.rules import choices
from parley.analytics.subscription_pages.rules.forms import (
    NO_DATE,
    SubscriptionForm,
    field_of,
    form_of,
    problem_words,
    schedule_of,
)
from parley.analytics.subscription_pages.rules.words import date_words, schedule_words
from parley.analytics.subscriptions.queries.subscriptions import shown_subscription, subscription_by_key
from parley.analytics.subscriptions.rules.limits import BUFFER, MOST_SELECTED
from parley.analytics.subscriptions.rules.recurrence import Recurrence, next_occurrences
from parley.analytics.subscriptions.rules.schedules import check_rule
from parley.analytics.subscriptions.schemas import NewSubscription, StoredSubscription
from parley.analytics.subscriptions.tables import MAX_TITLE
from parley.analytics.subscriptions.workspaces import OfferedWorkspace, workspaces_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

MOST_CHOICES, N_DATES = 200, 3
OFFERED: Any = {
    "targets": choices.TARGETS,
    "target_labels": choices.TARGET_LABELS,
    "target_hints": choices.TARGET_HINTS,
    "units": choices.UNITS,
    "days": choices.DAYS,
    "places": choices.PLACES,
    "tile_choices": choices.TILES,
}
PLACEHOLDER = {"target_type": "email", "target_value": "a@example.com", "insight": 1}


class OfferedContent(msgspec.Struct, frozen=True):
    """Something that can be chosen, with what it is called."""

    value: str
    name: str


class SubscriptionFormView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `subscription_pages/_form.html`; `at` is the field that `problem` is about.

    `words` and `dates` say what the schedule means, `schedule_problem` why it means nothing.
    """

    form: SubscriptionForm
    subscription: StoredSubscription | None
    may_change: bool
    insights: Sequence[OfferedContent] = ()
    dashboards: Sequence[OfferedContent] = ()
    tiles: Sequence[OfferedContent] = ()
    words: str = ""
    dates: Sequence[str] = ()
    schedule_problem: str | None = None
    problem: str | None = None
    at: str | None = None
    workspace: OfferedWorkspace | None = None
    has_mail_server: bool = True
    targets: dict[str, str]
    target_labels: dict[str, str]
    target_hints: dict[str, str]
    units: dict[str, str]
    days: dict[str, str]
    places: dict[str, str]
    tile_choices: dict[str, str]
    max_title: int = MAX_TITLE
    most_selected: int = MOST_SELECTED


def new_form(about: str, actor: Actor, now: datetime) -> SubscriptionForm:
    """Return the form of a new subscription: weekly, on tomorrow's day of the week at nine, to who is signed in."""
    tomorrow = now.astimezone(zone(actor.project.timezone)) + timedelta(days=1)
    return SubscriptionForm(about=about, start_day=f"{tomorrow:%Y-%m-%d}", target_value=actor.principal.email)


async def stored(services: Services, actor: Actor, key: str) -> StoredSubscription:
    """Return a subscription of the project; raises NotFound."""
    async with services.database.transaction(write=False) as db:
        return await subscription_by_key(db, actor.project_id, key)


def stored_form(services: Services, actor: Actor, found: StoredSubscription) -> SubscriptionForm:
    """Return the form that shows a subscription as the caller may see it."""
    shown = shown_subscription(found, actor, services.vault)
    return form_of(found, zone(actor.project.timezone), shown.target_value)


async def workspace_for(
    request: ParleyRequest, services: Services, actor: Actor, form: SubscriptionForm
) -> OfferedWorkspace | None:
    """Return the workspace of the project with its channels, where the form is about Slack: that may ask Slack."""
    if form.target_type != "slack":
        return None
    return await workspaces_of(request).offered(services, actor.project_id)


async def viewed(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: SubscriptionForm,
    found: StoredSubscription | None,
    problem: AppError | None = None,
) -> SubscriptionFormView:
    """Return the form with its choices, what its schedule means, and what is wrong."""
    view = scheduled(services, actor, form, found)
    async with services.database.transaction(write=False) as db:
        tiles = await _tiles(db, actor, form)
        insights, dashboards = ([], []) if found else await _contents(db, actor, form)
    return replace(
        view,
        tiles=tiles,
        workspace=await workspace_for(request, services, actor, form),
        insights=insights,
        dashboards=dashboards,
        problem=problem_words(form, problem.detail) if problem else None,
        at=field_of(form, problem.attr, problem.detail) if problem else None,
    )


def scheduled(
    services: Services, actor: Actor, form: SubscriptionForm, found: StoredSubscription | None
) -> SubscriptionFormView:
    """Return the form with what its schedule means by now, and nothing to choose from."""
    where, now = zone(actor.project.timezone), services.clock.now()
    view = SubscriptionFormView(
        form=form,
        subscription=found,
        may_change=shown_level(actor) != "viewer",
        has_mail_server=services.settings.smtp_url is not None,
        **OFFERED,
    )
    try:
        asked = read(NewSubscription, {**PLACEHOLDER, **schedule_of(form, where, found)})
        rule = Recurrence(**{name: getattr(asked, name) for name in Recurrence.__struct_fields__})
        check_rule(rule)
    except Invalid as error:
        return replace(view, schedule_problem=error.detail)
    dates = next_occurrences(rule, where, now + BUFFER, N_DATES)
    return replace(
        view,
        words=schedule_words(rule, where),
        dates=[date_words(one, where) for one in dates],
        schedule_problem=None if dates else NO_DATE,
    )


async def _tiles(db: Db, actor: Actor, form: SubscriptionForm) -> list[OfferedContent]:
    if not form.is_of_dashboard or form.about_id is None:
        return []
    tiles = await tiles_of_dashboard(db, actor.project_id, form.about_id)
    ids = [one.insight_id for one in tiles if one.insight_id]
    there = await insights_by_ids(db, actor.project_id, ids)
    return [OfferedContent(str(id), there[id].title) for id in ids if id in there]


async def _contents(
    db: Db, actor: Actor, form: SubscriptionForm
) -> tuple[list[OfferedContent], list[OfferedContent]]:
    """Return what a subscription can be about; what is asked for is among it, as far as it is there."""
    some = PageRequest(limit=MOST_CHOICES)
    _, insights = await insight_page(db, actor.project_id, InsightFilters(), some)
    _, dashboards = await dashboard_page(db, actor.project_id, DashboardFilters(), some)
    if form.about_id is not None and not form.is_of_dashboard:
        asked = await insights_by_ids(db, actor.project_id, [form.about_id])
        insights += [one for one in asked.values() if one.id not in {known.id for known in insights}]
    return (
        [OfferedContent(f"insight:{one.id}", one.title) for one in insights],
        [OfferedContent(f"dashboard:{one.id}", one.title) for one in dashboards],
    )
