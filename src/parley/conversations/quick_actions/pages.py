"""The pages on which quick actions are made and changed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.quick_actions import actions
from parley.conversations.quick_actions.forms import (
    Choices,
    QuickActionForm,
    choices_of,
    fields_of,
    form_of,
)
from parley.conversations.quick_actions.placeholders import KNOWN, unknown_placeholders, warning_of
from parley.conversations.quick_actions.queries import quick_action_by_short_id, quick_action_page
from parley.conversations.quick_actions.schemas import NewQuickAction, QuickActionOut, QuickActionPatch
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/quick-actions"
MOST_SHOWN = 500
NOTICES = {"saved": "Saved.", "deleted": "The quick action is deleted."}


class QuickActionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `quick_actions/quick_actions.html`; `count` is how many there are, of which the first are shown."""

    quick_actions: Sequence[QuickActionOut]
    count: int
    notice: str | None


class QuickActionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `quick_actions/quick_action.html`; `quick_action` is None for a new one.

    `may_change` is whether it may be changed at all, `may_share` whether it may be for the team, and `may_hide` whether
    whom it is for may be changed. `placeholders` are what is filled in, with the words for each.
    """

    quick_action: QuickActionOut | None
    form: QuickActionForm
    choices: Choices
    may_change: bool
    may_share: bool
    may_hide: bool
    placeholders: Mapping[str, str]
    problem: str | None = None
    warning: str | None = None
    notice: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_quick_actions(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the quick actions of the team and one's own, by name."""
    async with services.database.transaction(write=False) as db:
        count, found = await quick_action_page(db, actor, PageRequest(limit=MOST_SHOWN))
    notice = NOTICES.get(request.query_params.get("notice", ""))
    context = QuickActionsPage(quick_actions=found, count=count, notice=notice)
    return page(request, "quick_actions/quick_actions.html", context)


@get(f"{PATH}/new", guards=[page_session], include_in_schema=False)
async def show_new_quick_action(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show an empty form."""
    form = QuickActionForm(visibility="team" if _may_share(actor) else "personal")
    return await _shown(request, services, actor, None, form)


@post(f"{PATH}/new", guards=[page_session], include_in_schema=False)
async def make_quick_action(
    request: ParleyRequest,
    data: JSONBody[QuickActionForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Make a quick action, or show the form with the problem."""
    try:
        new = read(NewQuickAction, fields_of(data))
        async with services.database.transaction() as db:
            made = await actions.create_quick_action(db, services, actor, new)
    except Invalid as error:
        return await _shown(request, services, actor, None, data, error)
    return _after_saving(made)


@get(f"{PATH}/{{short_id:str}}", guards=[page_session], include_in_schema=False)
async def show_one_quick_action(
    request: ParleyRequest, short_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the form that changes a quick action."""
    found = await _found(services, actor, short_id)
    return await _shown(request, services, actor, found, form_of(found))


@post(f"{PATH}/{{short_id:str}}", guards=[page_session], include_in_schema=False)
async def save_quick_action(
    request: ParleyRequest,
    short_id: FromPath[str],
    data: JSONBody[QuickActionForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the form, or show it with the problem."""
    found = await _found(services, actor, short_id)
    try:
        patch = read(QuickActionPatch, fields_of(data, found))
        async with services.database.transaction() as db:
            changed = await actions.change_quick_action(db, services, actor, short_id, patch)
    except Invalid as error:
        return await _shown(request, services, actor, found, data, error)
    return _after_saving(changed)


def _after_saving(saved: QuickActionOut) -> Response[Any]:
    """Lead to the list, or back to the form where its text warns of something."""
    warns = bool(unknown_placeholders(saved.content, saved.rich_content))
    return redirect(f"{PATH}/{saved.short_id}?notice=saved" if warns else f"{PATH}?notice=saved")


@post(f"{PATH}/{{short_id:str}}/delete", guards=[page_session], include_in_schema=False)
async def remove_quick_action(
    short_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a quick action for everybody."""
    async with services.database.transaction() as db:
        await actions.delete_quick_action(db, actor, short_id)
    return redirect(f"{PATH}?notice=deleted")


async def _found(services: Services, actor: Actor, short_id: str) -> QuickActionOut:
    async with services.database.transaction(write=False) as db:
        return await quick_action_by_short_id(db, actor, short_id)


def _may_share(actor: Actor) -> bool:
    return is_at_least(default_level(actor), "editor")


async def _shown(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    found: QuickActionOut | None,
    form: QuickActionForm,
    error: Invalid | None = None,
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        choices = await choices_of(db, actor.project, form.assignee, services.clock.now())
    is_own = found is None or (found.created_by is not None and found.created_by.id == actor.user_id)
    context = QuickActionPage(
        quick_action=found,
        form=form,
        choices=choices,
        may_change=found is None or found.visibility == "personal" or _may_share(actor),
        may_share=_may_share(actor),
        may_hide=is_own,
        placeholders=KNOWN,
        problem=_problem(error) if error else None,
        warning=_warning(found) if found and not error else None,
        notice=NOTICES.get(request.query_params.get("notice", "")) if not error else None,
    )
    return page(request, "quick_actions/quick_action.html", context, status=422 if error else 200)


def _warning(found: QuickActionOut) -> str | None:
    unknown = unknown_placeholders(found.content, found.rich_content)
    return warning_of(unknown) if unknown else None


def _problem(error: Invalid) -> str:
    if error.code == "blank" and error.attr == "name":
        return "Give the quick action a name."
    return error.detail


handlers = [
    show_quick_actions,
    show_new_quick_action,
    make_quick_action,
    show_one_quick_action,
    save_quick_action,
    remove_quick_action,
]
