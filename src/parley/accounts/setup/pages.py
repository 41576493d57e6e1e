"""The set-up page of a new server: it makes the first owner, once."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.memberships.rules import check_admin
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.setup.actions import FirstOwner, make_first_owner
from parley.accounts.setup.rules import setup_token
from parley.accounts.sign_in.login_throttle import link_throttle
from parley.accounts.users.queries import has_user
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.body import TRIM
from parley.kernel.http.cookies import session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import same_token
from parley.kernel.services import Services
from parley.kernel.text.time_zones import time_zone_names
from parley.web.guards import HOME, page_public, page_session
from parley.web.rendering import page, redirect


class SetUpForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form; `demo` is a box to tick."""

    first_name: Annotated[str, Meta(extra=TRIM)] = ""
    email: Annotated[str, Meta(extra=TRIM)] = ""
    password: str = ""
    organization: Annotated[str, Meta(extra=TRIM)] = ""
    project: Annotated[str, Meta(extra=TRIM)] = "Support"
    timezone: Annotated[str, Meta(extra=TRIM)] = "UTC"
    demo: str = ""


class SetUpPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `setup/setup.html`; `problem` belongs to the field named `at`, or to all of them."""

    token: str
    form: SetUpForm
    problem: str | None = None
    at: str | None = None
    timezones: list[str] = msgspec.field(default_factory=lambda: sorted(time_zone_names()))


async def _check_open(services: Services, token: str, address: str) -> bool:
    """Say whether the page is still open; raises NotFound for a wrong link."""
    async with link_throttle(services, address):
        if not same_token(token, setup_token(services.vault)):
            raise NotFound
    return not await has_user(services.database)


@get("/setup/{token:str}", guards=[page_public], include_in_schema=False)
async def show_setup(
    request: ParleyRequest, token: FromPath[str], services: ServicesDependency
) -> Response[Any]:
    """Show the form, or lead to the sign-in page once there is an owner."""
    if not await _check_open(services, token, request.client_address):
        return redirect("/login")
    return page(request, "setup/setup.html", SetUpPage(token=token, form=SetUpForm(demo="on")))


@post("/setup/{token:str}", guards=[page_public], include_in_schema=False)
async def set_up(
    request: ParleyRequest,
    token: FromPath[str],
    data: JSONBody[SetUpForm],
    services: ServicesDependency,
    state: State,
) -> Response[Any]:
    """Make the first owner, ask for the demo data if wanted, and go to the inbox."""
    if not await _check_open(services, token, request.client_address):
        return redirect("/login")
    try:
        made = await make_first_owner(services, _owner(data), address=request.client_address)
    except Invalid as error:
        shown = SetUpPage(token=token, form=data, problem=error.detail, at=error.attr)
        return page(request, "setup/setup.html", shown, status=422)
    if data.demo:
        async with services.database.transaction() as db:
            await state["ask_for_demo"](db, services, made.project_id)
    return redirect(f"{HOME}?welcome=1", cookies=session_cookies(request, made.session))


@post("/settings/demo-data", guards=[page_session], include_in_schema=False)
async def add_demo_data(actor: ActorDependency, services: ServicesDependency, state: State) -> Response[Any]:
    """Have the demo data made in the project, where it isn't yet, and go to the inbox. For admins.

    Raises Invalid where the project is in use, or tells people or programs about its conversations.
    """
    check_admin(actor)
    obstacle = await state["demo_obstacle"](services, actor.project_id)
    async with services.database.transaction() as db:
        is_new = await state["ask_for_demo"](db, services, actor.project_id)
        if is_new and obstacle is not None:
            raise Invalid(obstacle)
        if is_new:
            await record_in_project(db, services, actor.project_id, "demo_data.loaded")
    return redirect(HOME)


def _owner(form: SetUpForm) -> FirstOwner:
    return FirstOwner(
        first_name=form.first_name,
        email=form.email,
        password=form.password,
        organization=form.organization,
        project=form.project,
        timezone=form.timezone,
    )


handlers = [show_setup, set_up, add_demo_data]
