"""Mails of test addresses: read as they would look, and answered as the customer would."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.messages.actions.limits import count_write
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.email.channels.queries import channel_to_change
from parley.email.delivery.customer_mail import answer_as_customer, check_may_answer, write_as_customer
from parley.email.delivery.kept import KeptEmail, TestConversation, kept_mails, test_conversation
from parley.email.inbound.actions.receiving import receive
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

OF_TICKET = "/inbox/{number:int}/test-mail"
OF_CHANNEL = "/settings/email/{channel_id:str}/write-as-customer"


class CustomerMailForm(msgspec.Struct, frozen=True):
    """What the customer writes."""

    text: str = ""
    from_address: str = ""
    subject: str = ""


class KeptMailsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `delivery/kept_mails.html`."""

    conversation: TestConversation
    subject: str
    mails: Sequence[KeptEmail]
    may_answer: bool
    form: CustomerMailForm = CustomerMailForm()
    problem: str | None = None


class FirstMailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `delivery/first_mail.html`; `problem` belongs to the field named `at`."""

    channel_id: str
    address: str
    form: CustomerMailForm
    problem: str | None = None
    at: str | None = None


async def _kept_page(
    request: ParleyRequest, services: Services, actor: Actor, number: int, **overrides: Any
) -> Response[Any]:
    ticket = await ticket_by_key(services.database, actor, str(number))
    conversation = await test_conversation(services, actor.project_id, ticket)
    if conversation is None:
        raise NotFound
    shown = KeptMailsPage(
        conversation=conversation,
        subject=ticket.email_subject or f"#{ticket.ticket_number}",
        mails=await kept_mails(services, conversation),
        may_answer=is_at_least(ticket.user_access_level, "editor"),
        **overrides,
    )
    return page(request, "delivery/kept_mails.html", shown, status=422 if shown.problem else 200)


@get(OF_TICKET, guards=[page_session], include_in_schema=False)
async def show_kept_mails(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the mails of a conversation that were kept, and a form to answer them."""
    return await _kept_page(request, services, actor, number)


@post(OF_TICKET, guards=[page_session], include_in_schema=False)
async def answer_kept_mail(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[CustomerMailForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Have the customer answer."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_may_answer(ticket)
    conversation = await test_conversation(services, actor.project_id, ticket)
    if conversation is None:
        raise NotFound
    await count_write(services, actor, "reply")
    try:
        mail = await answer_as_customer(services, conversation, ticket.email_subject or "", data.text)
        await receive(services, mail)
    except Invalid as error:
        return await _kept_page(request, services, actor, number, form=data, problem=error.detail)
    return redirect(f"/inbox/{number}")


async def _first_page(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    channel_id: str,
    form: CustomerMailForm,
    **more: Any,
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
    if not channel.is_test:
        raise NotFound
    shown = FirstMailPage(channel_id=channel_id, address=channel.from_email, form=form, **more)
    return page(request, "delivery/first_mail.html", shown, status=422 if shown.problem else 200)


@get(OF_CHANNEL, guards=[page_session], include_in_schema=False)
async def show_first_mail(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a form in which a customer writes to a test address."""
    return await _first_page(request, services, actor, channel_id, CustomerMailForm())


@post(OF_CHANNEL, guards=[page_session], include_in_schema=False)
async def send_first_mail(
    request: ParleyRequest,
    channel_id: FromPath[str],
    data: JSONBody[CustomerMailForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Have a customer write to a test address."""
    async with services.database.transaction(write=False) as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
    await count_write(services, actor, "compose")
    try:
        await receive(
            services, write_as_customer(services, channel, data.from_address, data.subject, data.text)
        )
    except Invalid as error:
        said = {"problem": error.detail, "at": error.attr}
        return await _first_page(request, services, actor, channel_id, data, **said)
    return redirect("/inbox")


handlers: list[Any] = [show_kept_mails, answer_kept_mail, show_first_mail, send_first_mail]
