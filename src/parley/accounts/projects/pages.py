"""Settings of the project: its name, its time zone, its chat widget and its mail."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.memberships.queries import member_page
from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.projects import rotate_widget_token
from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.queries.projects import project_out
from parley.accounts.projects.rules import ATTR, POSITIONS
from parley.accounts.projects.schemas import ProjectOut, ProjectPatch
from parley.accounts.users.schemas import UserBasic
from parley.kernel.config.for_mail import is_this_machine
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, parse_all, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import time_zone_names
from parley.web.guards import page_session
from parley.web.rendering import POLICY, page, redirect

PATH = "/settings"
RECIPIENTS = "notification_recipients"
NUMBERS = (
    "email_limit_per_recipient",
    "email_limit_per_ticket",
    "email_limit_per_project",
    "inbound_mail_kept_days",
)
TEXTS = (
    "widget_greeting_text",
    "widget_placeholder_text",
    "widget_color",
    "widget_identification_form_title",
    "widget_identification_form_description",
    "ai_assistant_name",
)
FLAGS = (
    "widget_enabled",
    "widget_require_email",
    "widget_collect_name",
    "widget_restore_enabled",
    "reopen_on_reply",
    "pending_after_reply",
    "email_replies_to_widget",
)
OFF_AT_FIRST = ("widget_enabled", "widget_require_email", "widget_collect_name")
MOST_MEMBERS = 5000
"""How many members can be chosen from; far more than an organization has."""
HEADERS = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
"""Of the page: the preview of the widget is a frame."""
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
    widget_identification_form_title: Text = ""
    widget_identification_form_description: Text = ""
    ai_assistant_name: Text = ""
    widget_domains: Text = ""
    widget_restore_enabled: str = ""
    reopen_on_reply: str = ""
    pending_after_reply: str = ""
    email_replies_to_widget: str = ""
    email_limit_per_recipient: Text = ""
    email_limit_per_ticket: Text = ""
    email_limit_per_project: Text = ""
    inbound_mail_kept_days: Text = ""


class SettingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `projects/settings.html`; `problem` belongs to the field named `at`, or to all of them."""

    form: ProjectForm
    members: Sequence[UserBasic]
    chosen: Sequence[str]
    """The ids of the members who are told of new conversations."""
    project: ProjectOut
    may_change: bool
    origin: str
    is_only_here: bool  # the origin means another machine to everybody else
    positions: tuple[str, ...] = POSITIONS
    timezones: tuple[str, ...] = ()
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _settings_page(
    request: ParleyRequest,
    actor: Actor,
    services: Services,
    sent: tuple[ProjectForm, Sequence[str]] | None = None,
) -> SettingsPage:
    """Show what was sent: the form and the chosen members; without it, what is stored."""
    async with services.database.transaction(write=False) as db:
        project = await project_out(db, services.vault, actor.project_id, actor.principal)
        members = await member_page(db, project.organization, MOST_MEMBERS, 0)
    stored = project.conversations_settings.get(RECIPIENTS) or ()
    form, chosen = sent or (_form_of(project), [str(id) for id in stored])
    return SettingsPage(
        form=form,
        members=[one.user for one in members],
        chosen=chosen,
        project=project,
        may_change=actor.is_admin,
        origin=request.origin_url,
        is_only_here=is_this_machine(urlsplit(request.origin_url).hostname or ""),
        timezones=tuple(sorted(time_zone_names())),
        notice=SAVED.get(request.query_params.get("notice", "")),
    )


def _form_of(project: ProjectOut) -> ProjectForm:
    """Fill the form with what is stored."""
    settings = project.conversations_settings
    shown: dict[str, Any] = {name: str(settings.get(name, "")) for name in NUMBERS}
    shown |= {name: "on" if settings.get(name, name not in OFF_AT_FIRST) else "" for name in FLAGS}
    shown |= {name: settings.get(name) or "" for name in TEXTS}
    return ProjectForm(
        name=project.name,
        timezone=project.timezone,
        conversations_enabled="on" if project.conversations_enabled else "",
        widget_position=settings.get("widget_position") or POSITIONS[0],
        widget_domains="\n".join(settings.get("widget_domains") or ()),
        **shown,
    )


def _number(text: str) -> int | str | None:
    """Read a whole number; anything else stays as it is, for the rules to refuse. Empty means the default."""
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_number else text or None


def _patch_of(form: ProjectForm, chosen: Sequence[str]) -> ProjectPatch:
    """Say the form as the API would; an emptied text goes back to its default."""
    settings: dict[str, Any] = {name: bool(getattr(form, name)) for name in FLAGS}
    settings |= {name: _number(getattr(form, name)) for name in NUMBERS}
    settings[RECIPIENTS] = [_number(id) for id in chosen]
    settings |= {name: getattr(form, name) or None for name in TEXTS}
    settings["widget_position"] = form.widget_position
    settings["widget_domains"] = [line.strip() for line in form.widget_domains.splitlines() if line.strip()]
    fields = {"name": form.name, "timezone": form.timezone, "conversations_settings": settings}
    return read(ProjectPatch, {**fields, "conversations_enabled": bool(form.conversations_enabled)})


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_settings(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the project's settings."""
    shown = await _settings_page(request, actor, services)
    return page(request, "projects/settings.html", shown, headers=HEADERS)


async def _chosen(request: ParleyRequest) -> list[str]:
    """Return every id that is ticked, where the rest of the form has one value a name."""
    fields = parse_all(await request.body(), request.headers.get("content-type", ""))
    found = fields.get(RECIPIENTS)
    return [str(id) for id in found] if isinstance(found, list) else []


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_settings(
    request: ParleyRequest, data: JSONBody[ProjectForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Store the form, or show it with the error."""
    check_admin(actor)
    chosen = await _chosen(request)
    try:
        patch = _patch_of(data, chosen)
        async with services.database.transaction() as db:
            await update_project(db, services, actor, patch)
    except Invalid as error:
        shown = await _settings_page(request, actor, services, (data, chosen))
        at = (error.attr or "").removeprefix(f"{ATTR}__").split("__")[0]
        refused = msgspec.structs.replace(shown, problem=error.detail, at=at)
        return page(request, "projects/settings.html", refused, status=422, headers=HEADERS)
    return redirect(f"{PATH}?notice=saved")


@post(f"{PATH}/widget-token", guards=[page_session], include_in_schema=False)
async def renew_widget_token(actor: ActorDependency, services: ServicesDependency) -> Response[Any]:
    """Give the widget a new token."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await rotate_widget_token(db, services, actor.project_id)
    return redirect(f"{PATH}?notice=token")


handlers = [show_settings, save_settings, renew_widget_token]
