"""Settings of the project: its name, its time zone and its chat widget."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.projects import rotate_widget_token
from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.queries.projects import project_out
from parley.accounts.projects.rules import ATTR, POSITIONS
from parley.accounts.projects.schemas import ProjectOut, ProjectPatch
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import time_zone_names
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings"
SAVED = {
    "saved": "Saved.",
    "token": "The widget has a new token. Put it into your pages; the old one no longer works.",
}
Text = Annotated[str, Meta(extra=TRIM)]


class ProjectForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form; a box that isn't ticked isn't sent."""

    name: Text = ""
    timezone: Text = "UTC"
    conversations_enabled: str = ""
    widget_enabled: str = ""
    widget_greeting_text: Text = ""
    widget_placeholder_text: Text = ""
    widget_color: Text = ""
    widget_position: str = "bottom_right"
    widget_require_email: str = ""
    widget_collect_name: str = ""
    widget_domains: Text = ""
    reopen_on_reply: str = ""


class SettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `projects/settings.html`; `problem` belongs to the field named `at`, or to all of them."""

    form: ProjectForm
    project: ProjectOut
    may_change: bool
    origin: str
    positions: tuple[str, ...] = POSITIONS
    timezones: tuple[str, ...] = ()
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _project(services: Services, actor: Actor) -> ProjectOut:
    async with services.database.transaction(write=False) as db:
        return await project_out(db, services.vault, actor.project_id, actor.principal)


def _settings_page(
    request: ParleyRequest, actor: Actor, project: ProjectOut, form: ProjectForm
) -> SettingsPage:
    return SettingsPage(
        form=form,
        project=project,
        may_change=actor.is_admin,
        origin=request.origin_url,
        timezones=tuple(sorted(time_zone_names())),
        notice=SAVED.get(request.query_params.get("notice", "")),
    )


def _form_of(project: ProjectOut) -> ProjectForm:
    """Fill the form with what is stored."""
    settings = project.conversations_settings
    shown: dict[str, Any] = {"reopen_on_reply": "on" if settings.get("reopen_on_reply", True) else ""}
    for name in ("widget_enabled", "widget_require_email", "widget_collect_name"):
        shown[name] = "on" if settings.get(name) else ""
    for name in ("widget_greeting_text", "widget_placeholder_text", "widget_color"):
        shown[name] = settings.get(name) or ""
    return ProjectForm(
        name=project.name,
        timezone=project.timezone,
        conversations_enabled="on" if project.conversations_enabled else "",
        widget_position=settings.get("widget_position") or POSITIONS[0],
        widget_domains="\n".join(settings.get("widget_domains") or ()),
        **shown,
    )


def _patch_of(form: ProjectForm) -> ProjectPatch:
    """Say the form as the API would; an emptied text goes back to its default."""
    settings: dict[str, Any] = {
        name: bool(getattr(form, name))
        for name in ("widget_enabled", "widget_require_email", "widget_collect_name", "reopen_on_reply")
    }
    for name in ("widget_greeting_text", "widget_placeholder_text", "widget_color"):
        settings[name] = getattr(form, name) or None
    settings["widget_position"] = form.widget_position
    settings["widget_domains"] = [line.strip() for line in form.widget_domains.splitlines() if line.strip()]
    fields = {"name": form.name, "timezone": form.timezone, "conversations_settings": settings}
    return read(ProjectPatch, {**fields, "conversations_enabled": bool(form.conversations_enabled)})


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_settings(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the project's settings."""
    project = await _project(services, actor)
    return page(request, "projects/settings.html", _settings_page(request, actor, project, _form_of(project)))


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_settings(
    request: ParleyRequest, data: JSONBody[ProjectForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Store the form, or show it with the error."""
    check_admin(actor)
    try:
        patch = _patch_of(data)
        async with services.database.transaction() as db:
            await update_project(db, services, actor, patch)
    except Invalid as error:
        shown = _settings_page(request, actor, await _project(services, actor), data)
        at = (error.attr or "").removeprefix(f"{ATTR}__").split("__")[0]
        refused = msgspec.structs.replace(shown, problem=error.detail, at=at)
        return page(request, "projects/settings.html", refused, status=422)
    return redirect(f"{PATH}?notice=saved")


@post(f"{PATH}/widget-token", guards=[page_session], include_in_schema=False)
async def renew_widget_token(actor: ActorDependency, services: ServicesDependency) -> Response[Any]:
    """Give the widget a new token."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await rotate_widget_token(db, services, actor.project_id)
    return redirect(f"{PATH}?notice=token")


handlers = [show_settings, save_settings, renew_widget_token]
