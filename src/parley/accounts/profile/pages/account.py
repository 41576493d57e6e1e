"""The account of the person who looks: name, password, and the project to work in."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from parley.accounts.domains.enforcement import door_of, enforced_sso
from parley.accounts.memberships.actions import set_availability
from parley.accounts.memberships.queries import availability_of
from parley.accounts.memberships.rules import day_of
from parley.accounts.memberships.schemas import NewAvailability
from parley.accounts.profile.actions import update_profile
from parley.accounts.profile.queries import profile_of
from parley.accounts.profile.schemas import Me, MePatch
from parley.accounts.projects.queries.projects import project_page
from parley.accounts.projects.schemas import ProjectOut
from parley.kernel.dependencies import ActorDependency, PrincipalDependency, ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.authorization import Principal
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone
from parley.web.error_pages import problem_of
from parley.web.guards import page_session, page_user
from parley.web.rendering import page, redirect

PATH = "/settings/account"
MOST_PROJECTS = 200
NOTICES = {
    "saved": "Saved.",
    "password": "Your password is changed. Every other browser is signed out, and your API keys are deleted.",
    "password-only": "Your password is changed. Every other browser is signed out. Your API keys stay as they are.",
    "project": "You work in another project now.",
    "available": "You are available now.",
    "away": "You are away now. Your colleagues see it where they assign conversations.",
    "no-project": "You have no project to work in. Choose one on this page if there is one, or ask an admin to invite you.",
}


class NameForm(msgspec.Struct, frozen=True):
    """What somebody is called."""

    first_name: Annotated[str, Meta(extra=TRIM)] = ""
    last_name: Annotated[str, Meta(extra=TRIM)] = ""


class PasswordForm(msgspec.Struct, frozen=True):
    """The password now, and the one to have; `keep_keys` is a box to tick."""

    current_password: str = ""
    password: str = ""
    keep_keys: str = ""


class MailsForm(msgspec.Struct, frozen=True):
    """Which mails to get: boxes to tick."""

    new_conversations: str = ""
    assignments: str = ""
    mentions: str = ""
    answers: str = ""


class AvailabilityForm(msgspec.Struct, frozen=True):
    """Whether one is there to work on conversations; `until` is a day, or empty."""

    availability: Literal["available", "away"]
    until: Annotated[str, Meta(extra=TRIM)] = ""


class SendingForm(msgspec.Struct, frozen=True):
    """How many seconds one's replies can be taken back."""

    undo_send_s: int = 0


class AppearanceForm(msgspec.Struct, frozen=True):
    """How the pages look: light, dark, or as the device has it."""

    theme_mode: str = "system"


class ProjectChoice(msgspec.Struct, frozen=True):
    """The project to work in."""

    project: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class AccountPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `profile/account.html`; `only_way` is how its domain lets people sign in, without passwords.

    `is_available` is None without a project to work in; who is away may be so `until` a day.

    `problem` belongs to the field named `at`, or to all of them.
    """

    me: Me
    projects: Sequence[ProjectOut]
    current_project_id: int | None
    name: NameForm
    only_way: str | None
    is_available: bool | None
    until: str
    tomorrow: str
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _account_page(
    request: ParleyRequest, services: Services, principal: Principal, **overrides: Any
) -> AccountPage:
    now = services.clock.now()
    async with services.database.transaction(write=False) as db:
        me = await profile_of(db, principal)
        there = await availability_of(db, me.team.organization, me.uuid, now) if me.team else None
        provider = await enforced_sso(db, services, me.email)
        projects = await project_page(db, services.vault, principal, None, PageRequest(limit=MOST_PROJECTS))
    timezone = next((one.timezone for one in projects if one.id == principal.current_project_id), "UTC")
    shown = {
        "is_available": there.is_available if there else None,
        "until": day_of(there.away_until, now, timezone) if there and there.away_until else "",
        "tomorrow": (now.astimezone(zone(timezone)) + timedelta(days=1)).date().isoformat(),
        "only_way": door_of(provider, me.email).label if provider else None,
        "name": NameForm(me.first_name, me.last_name),
        "notice": NOTICES.get(request.query_params.get("notice", "")),
        **overrides,
    }
    return AccountPage(me=me, projects=projects, current_project_id=principal.current_project_id, **shown)


async def _changed(
    request: ParleyRequest, services: Services, principal: Principal, fields: dict[str, Any], notice: str
) -> Response[Any]:
    """Change the account by the rules of the API, or show the form with what is wrong."""
    try:
        await update_profile(services, principal, read(MePatch, fields), request.client_address)
    except (Invalid, Throttled) as error:
        overrides: dict[str, Any] = {"problem": problem_of(error), "at": error.attr}
        if "first_name" in fields:
            overrides["name"] = NameForm(fields["first_name"], fields["last_name"])
        status = 429 if isinstance(error, Throttled) else 422
        return page(
            request,
            "profile/account.html",
            await _account_page(request, services, principal, **overrides),
            status=status,
        )
    return redirect(f"{PATH}?notice={notice}")


@get(PATH, guards=[page_user], include_in_schema=False)
async def show_account(
    request: ParleyRequest, principal: PrincipalDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the account."""
    return page(request, "profile/account.html", await _account_page(request, services, principal))


@post(PATH, guards=[page_user], include_in_schema=False)
async def save_name(
    request: ParleyRequest,
    data: JSONBody[NameForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the name."""
    return await _changed(request, services, principal, msgspec.structs.asdict(data), "saved")


@post(f"{PATH}/password", guards=[page_user], include_in_schema=False)
async def save_password(
    request: ParleyRequest,
    data: JSONBody[PasswordForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store a new password once the current one is proved."""
    keeps_keys = bool(data.keep_keys)
    fields = {"current_password": data.current_password, "password": data.password}
    notice = "password-only" if keeps_keys else "password"
    changes = {**fields, "keep_personal_api_keys": keeps_keys}
    return await _changed(request, services, principal, changes, notice)


@post(f"{PATH}/mails", guards=[page_user], include_in_schema=False)
async def save_mails(
    request: ParleyRequest,
    data: JSONBody[MailsForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store which mails they want."""
    wanted = {name: bool(value) for name, value in msgspec.structs.asdict(data).items()}
    return await _changed(request, services, principal, {"notification_settings": wanted}, "saved")


@post(f"{PATH}/availability", guards=[page_session], include_in_schema=False)
async def save_availability(
    request: ParleyRequest,
    data: JSONBody[AvailabilityForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store whether they are there to work on the conversations of the organization, or until when they are not."""
    try:
        until = _beginning_of(data.until, actor.project.timezone) if data.availability == "away" else None
        new = NewAvailability(data.availability == "available", until)
        async with services.database.transaction() as db:
            await set_availability(db, services, actor, actor.principal.user_uuid, new)
    except Invalid as error:
        overrides = {"problem": problem_of(error), "at": "until"}
        shown = await _account_page(request, services, actor.principal, **overrides)
        return page(request, "profile/account.html", shown, status=422)
    return redirect(f"{PATH}?notice={data.availability}")


def _beginning_of(day: str, timezone: str) -> datetime | None:
    """Return when a day of a form begins, None for an empty text; raises Invalid."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), zone(timezone))
    except ValueError as error:
        raise Invalid("Choose a day after today, within a year.", attr="until") from error


@post(f"{PATH}/sending", guards=[page_user], include_in_schema=False)
async def save_sending(
    request: ParleyRequest,
    data: JSONBody[SendingForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store how long their replies can be taken back."""
    return await _changed(request, services, principal, msgspec.structs.asdict(data), "saved")


@post(f"{PATH}/appearance", guards=[page_user], include_in_schema=False)
async def save_appearance(
    request: ParleyRequest,
    data: JSONBody[AppearanceForm],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store how the pages look to them, in every browser."""
    return await _changed(request, services, principal, msgspec.structs.asdict(data), "saved")


@post(f"{PATH}/project", guards=[page_user], include_in_schema=False)
async def choose_project(
    request: ParleyRequest,
    data: JSONBody[ProjectChoice],
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Work in another project from now on."""
    return await _changed(request, services, principal, {"set_current_team": data.project}, "project")


handlers = [
    show_account,
    save_name,
    save_password,
    save_mails,
    save_availability,
    save_sending,
    save_appearance,
    choose_project,
]
