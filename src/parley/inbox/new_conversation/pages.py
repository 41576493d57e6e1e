"""The page on which the team begins a conversation."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.messages.actions.limits import count_write
from parley.conversations.messages.rich_text import appended
from parley.conversations.quick_actions.queries import quick_action_by_short_id
from parley.conversations.ticket_api.actions import check_may_open
from parley.inbox.composer.insertions import Inserted, inserted, insertion_of
from parley.inbox.composer.menu import MenuGroup, menu_of
from parley.inbox.composer.placeholders import filled
from parley.inbox.new_conversation.beginning import begin
from parley.inbox.new_conversation.form import NewConversationForm, page_of
from parley.inbox.new_conversation.recipients import recipients_for
from parley.inbox.sending.errors import Unfilled
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, PlainError, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit
from parley.web.error_pages import problem_of
from parley.web.guards import STREAMS_FORM, page_session
from parley.web.rendering import page, redirect

PATH = "/compose"
TEMPLATE = "new_conversation/new_conversation.html"
FIELDS = ("recipient_email", "email_config_id", "email_subject", "message", "assignee")
ASKED_WITH = (
    "recipient_name",
    "recipient_distinct_id",
    "recipient_email",
    "email_config_id",
    "email_subject",
    "actions",
)
FIELDS_OF_TEXTS = {"recipient_phone": "recipient_email", "sms_channel_id": "email_config_id"}
TYPED = Limit("recipients", 120, MINUTE_S)
TEMPLATE_GONE = "This quick action is gone. Choose another one."


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_compose(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show an empty form, or one for an address (`?to=`) or from a channel (`?from=`)."""
    to, sender = (request.query_params.get(name, "") for name in ("to", "from"))
    form = NewConversationForm(recipient_email=to, email_config_id=sender, assignee="me")
    return page(request, TEMPLATE, await page_of(services, actor, form))


@get(f"{PATH}/recipients", guards=[page_session], include_in_schema=False)
async def show_recipients(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show persons whose name or address begins as is typed."""
    check_may_open(actor)
    if services.settings.limits_keys:
        await services.throttles.hit((TYPED, str(actor.user_id)))
    found = await recipients_for(services, actor, request.query_params.get("recipient_email", ""))
    return page(request, "new_conversation/_recipients.html", found)


@get(f"{PATH}/quick-actions", guards=[page_session], include_in_schema=False)
async def list_quick_actions_of_new(
    actor: ActorDependency, services: ServicesDependency, search: FromQuery[str] = ""
) -> list[MenuGroup]:
    """Return what can be put into a first message and has every word of the search."""
    check_may_open(actor)
    return await menu_of(services, actor, search, has_ticket=False)


@get(f"{PATH}/insertion", guards=[page_session], include_in_schema=False)
async def show_insertion_of_new(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency, insert: FromQuery[str] = ""
) -> Inserted:
    """Return the text of an option of the menu for whom the form names, and what the form sets with it."""
    check_may_open(actor)
    given = request.query_params
    fields: dict[str, Any] = {name: given.get(name, "") for name in ASKED_WITH}
    form = NewConversationForm(**fields)
    insertion = await insertion_of(services, actor, form.values(actor.principal), insert)
    return await inserted(services, actor, insertion, form.actions)


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
    """Begin the conversation and show it, or put a quick action into the form. A form that is sent twice begins one."""
    check_may_open(actor)
    form = NewConversationForm()
    await fill_form(request, services, actor, form)
    try:
        if form.then == "insert":
            await _insert(services, actor, form)
            return page(request, TEMPLATE, await page_of(services, actor, form))
        await count_write(services, actor, "compose")
        number = await begin(request, services, actor, form)
    except (Invalid, PlainError, Throttled) as error:
        return await _refused(request, services, actor, form, error)
    return redirect(f"/inbox/{number}")


async def _insert(services: Services, actor: Actor, form: NewConversationForm) -> None:
    """Put the text of a quick action behind what is written, filled with what is known; raises Invalid where it is gone."""
    try:
        async with services.database.transaction(write=False) as db:
            chosen = await quick_action_by_short_id(db, actor, form.template)
    except NotFound as error:
        raise Invalid(TEMPLATE_GONE, attr="template") from error
    written, text = form.message.rstrip(), filled(chosen.content, form.values(actor.principal))
    form.message = f"{written}\n\n{text}" if written else text
    form.rich_content = appended(form.rich_content, text)


async def _refused(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: NewConversationForm,
    error: Invalid | PlainError | Throttled,
) -> Response[Any]:
    """Show the form again, with what was written and what is wrong."""
    if isinstance(error, PlainError):
        problem = error.body["detail"] if isinstance(error.body, dict) else error.body
        shown = await page_of(services, actor, form, problem=problem)
        return page(request, TEMPLATE, shown, status=422)
    is_unfilled = isinstance(error, Unfilled)
    attr = FIELDS_OF_TEXTS.get(error.attr or "", error.attr)
    at = "message" if is_unfilled else attr if attr in FIELDS else None
    more = {"problem": problem_of(error), "at": at, "has_placeholders": is_unfilled}
    shown = await page_of(services, actor, form, **more)
    return page(request, TEMPLATE, shown, status=429 if isinstance(error, Throttled) else 422)


handlers: list[Any] = [
    show_compose,
    show_recipients,
    list_quick_actions_of_new,
    show_insertion_of_new,
    send_composed,
]
