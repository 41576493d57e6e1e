"""The page on which the team begins a conversation by mail."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.files.forms import FormWithFiles, fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.files.schemas import PickedFiles
from parley.conversations.messages.actions.limits import count_write
from parley.conversations.ticket_api.actions import check_may_open
from parley.email.channels.queries import channels_of
from parley.email.channels.schemas import EmailChannel
from parley.email.compose.actions import compose_ticket
from parley.email.compose.schemas import MAX_COMPOSED, ComposedMessage
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, PlainError, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.error_pages import problem_of
from parley.web.guards import STREAMS_FORM, page_session
from parley.web.rendering import page, redirect

PATH = "/compose"
FIELDS = ("recipient_email", "email_config_id", "email_subject", "message")


class ComposeForm(FormWithFiles, kw_only=True):
    """The form."""

    recipient_email: str = ""
    email_config_id: str = ""
    email_subject: str = ""
    message: str = ""

    @property
    def new(self) -> ComposedMessage:
        """What is to be sent; raises Invalid."""
        if self.problem is not None:
            raise Invalid(self.problem, attr="files")
        fields = {name: getattr(self, name) for name in FIELDS}
        return read(ComposedMessage, {**fields, "file_ids": [str(one.id) for one in self.files]})


class ComposePage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `compose/compose.html`; `problem` belongs to the field named `at`, or to all of them."""

    form: ComposeForm
    files: PickedFiles
    channels: Sequence[EmailChannel]
    may_open: bool
    most: int = MAX_COMPOSED
    problem: str | None = None
    at: str | None = None


async def _shown(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: ComposeForm,
    status: int = 200,
    **more: Any,
) -> Response[Any]:
    """Show the form with the channels from which mail may go out, the default one first."""
    async with services.database.transaction(write=False) as db:
        found = await channels_of(db, actor.project_id)
    is_on = actor.project.settings.get("email_enabled") is True
    usable = [one for one in found if one.is_verified and one.kind == "support" and is_on]
    usable.sort(key=lambda one: not one.is_default)
    may_open = is_at_least(default_level(actor), "editor")
    files = PickedFiles(stored=form.files)
    context = ComposePage(form=form, files=files, channels=usable, may_open=may_open, **more)
    return page(request, "compose/compose.html", context, status=status)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_compose(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show an empty form, or one for an address (`?to=`)."""
    form = ComposeForm(recipient_email=request.query_params.get("to", ""))
    return await _shown(request, services, actor, form)


@post(
    PATH,
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def send_composed(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Begin the conversation and show it. A form that is sent twice begins one."""
    check_may_open(actor)
    form = ComposeForm()
    await fill_form(request, services, actor, form)
    try:
        await count_write(services, actor, "compose")
        async with services.database.transaction() as db:
            composed, _ = await compose_ticket(db, services, actor, form.new, None, files=form.digests)
    except (Invalid, PlainError, Throttled) as error:
        return await _refused(request, services, actor, form, error)
    return redirect(f"/inbox/{composed.ticket_number}")


async def _refused(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: ComposeForm,
    error: Invalid | PlainError | Throttled,
) -> Response[Any]:
    """Show the form again, with what was written and what is wrong."""
    if isinstance(error, PlainError):
        problem = error.body["detail"] if isinstance(error.body, dict) else error.body
        return await _shown(request, services, actor, form, 422, problem=problem)
    status = 429 if isinstance(error, Throttled) else 422
    at = error.attr if error.attr in FIELDS else None
    return await _shown(request, services, actor, form, status, problem=problem_of(error), at=at)


handlers: list[Any] = [show_compose, send_composed]
