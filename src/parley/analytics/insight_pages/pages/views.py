"""What the form of an insight needs to be shown."""

from collections.abc import Sequence, Set
from typing import Any

import msgspec
from msgspec.structs import replace

from parley.analytics.dashboards.queries.dashboards import dashboard_page
from parley.analytics.dashboards.queries.tiles import shown_on_dashboards
from parley.analytics.dashboards.rules.filters import DashboardFilters
from parley.analytics.dashboards.schemas import StoredDashboard
from parley.analytics.insight_pages.queries import EventName, event_names, property_names
from parley.analytics.insight_pages.rules import choices, forms
from parley.analytics.insight_pages.rules.forms import InsightForm
from parley.analytics.insight_pages.rules.places import field_of
from parley.analytics.insight_pages.rules.questions import query_of
from parley.analytics.insight_pages.rules.reading import editable_form
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.queries.shown import shown_level
from parley.analytics.insights.rules.freshness import Mode
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.insights.shown_answers import ShownAnswer, shown_answer
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services

MOST_DASHBOARDS = 100
NO_EVENTS = "Choose what to count."
TOO_FEW_STEPS = "A funnel has two steps at least."
NO_QUERY = "This insight asks nothing yet."


class FormView(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `insight_pages/insight.html`; `insight` is None for a new one.

    `at` is the id of the field that `problem` is about. `dashboard_id` is where a new one is put once it is saved, and
    `shown_on` are the ids of dashboards that show one. `is_due` says that a script is to ask for the answer.
    """

    insight: StoredInsight | None
    form: InsightForm
    is_editable: bool = True
    events: Sequence[EventName] = ()
    properties: Sequence[str] = ()
    dashboards: Sequence[StoredDashboard] = ()
    dashboard_id: str = ""
    shown_on: Set[int] = frozenset()
    may_change: bool
    choices: Any = choices
    forms: Any = forms
    answer: ShownAnswer
    is_due: bool = False
    problem: str | None = None
    at: str | None = None
    notice: str | None = None

    @property
    def query(self) -> Any:
        """What is asked, as it would be saved."""
        stored = None if self.insight is None else self.insight.question
        return query_of(self.form, stored) if self.is_editable else stored


async def stored_view(services: Services, actor: Actor, key: str) -> FormView:
    """Return a stored insight with its form, without an answer; raises NotFound."""
    async with services.database.transaction(write=False) as db:
        found = await insight_by_key(db, actor.project_id, key)
    form = InsightForm() if found.query is None else editable_form(found.question)
    named = replace(form or InsightForm(), name=found.name or "", description=found.description)
    view = view_of(actor, named, found)
    return replace(view, is_editable=form is not None)


async def sent_view(services: Services, actor: Actor, form: InsightForm, key: str | None) -> FormView:
    """Return a form as it was sent, of a stored insight or a new one, without an answer; raises NotFound."""
    if not key:
        return view_of(actor, form, None)
    stored = await stored_view(services, actor, key)
    return replace(stored, form=form)


def view_of(actor: Actor, form: InsightForm, found: StoredInsight | None) -> FormView:
    """Return a form without what can be chosen in it, and without an answer."""
    return FormView(
        insight=found,
        form=form,
        may_change=shown_level(actor) != "viewer",
        answer=ShownAnswer(title=found.title if found else "New insight"),
    )


async def with_choices(services: Services, actor: Actor, view: FormView) -> FormView:
    """Return the same with what can be chosen."""
    form, filters = view.form, DashboardFilters()
    async with services.database.transaction(write=False) as db:
        names = await event_names(db, actor.project_id, services.clock.now())
        chosen = [form.series[n].event for n in form.chosen if form.series[n].event != forms.ALL_EVENTS]
        properties = await property_names(db, actor.project_id, chosen or [one.name for one in names[:3]])
        found = await dashboard_page(db, actor.project_id, filters, PageRequest(limit=MOST_DASHBOARDS))
        places = await shown_on_dashboards(db, actor.project_id, view.insight.id) if view.insight else {}
    chosen_from = {"events": names, "properties": properties, "dashboards": found[1]}
    return replace(view, **chosen_from, shown_on=frozenset(places))


async def answered(services: Services, actor: Actor, view: FormView, mode: Mode = "blocking") -> FormView:
    """Return the same with the answer to what the form asks, or why there is none; `force_cache` computes nothing."""
    title, query = view.answer.title, view.query
    if missing := _missing(view):
        return replace(view, answer=ShownAnswer(title=title, words=missing), is_due=False)
    try:
        result = await run_insight(services, actor.project, query, mode, actor=actor)
    except AppError as error:
        answer = shown_answer(query, None, title, error.detail)
        return replace(view, answer=answer, is_due=False, at=field_of(view.form, error.attr))
    is_old = result.cache_target_age is None or result.cache_target_age < services.clock.now()
    is_due = mode == "force_cache" and is_old
    return replace(view, answer=shown_answer(query, result, title), is_due=is_due)


def _missing(view: FormView) -> str | None:
    """Say what has yet to be chosen, if anything."""
    if not view.is_editable:
        return None if view.query is not None else NO_QUERY
    n_chosen = len(view.form.chosen)
    if not n_chosen and view.form.kind != "RetentionQuery":
        return NO_EVENTS
    return TOO_FEW_STEPS if view.form.kind == "FunnelsQuery" and n_chosen < 2 else None
