"""A conversation begins by the actions that the API has: `compose/`, or opening and replying for the widget."""

from hashlib import sha256
from typing import Any

import msgspec

from parley.conversations.messages.actions.messages import add_message
from parley.conversations.messages.schemas import NewNote
from parley.conversations.ticket_api.actions import apply_actions, change_ticket, open_ticket
from parley.conversations.ticket_api.schemas import NewTicket, TicketPatch
from parley.conversations.ticket_api.ticket_actions import NOTHING
from parley.email.compose.actions import compose_ticket
from parley.email.compose.schemas import ComposedMessage
from parley.inbox.composer.changes import actions_of_form
from parley.inbox.new_conversation.form import TEXTS, WIDGET, NewConversationForm, channel_options
from parley.inbox.ticket_actions.fields import assignee_of_form
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import Replayed, keep, transaction_once
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.kernel.text.forms import is_blank
from parley.kernel.text.json_text import read_json
from parley.people.persons.queries.by_identifier import (
    first_distinct_id_by_email,
    owners_of,
    persons_by_distinct_ids,
)
from parley.people.persons.rules.names import MAX_NAME, heading_name

NOBODY = (
    "Nobody is known by this. Pick a person from the list, or type an e-mail address: the widget shows a conversation to "
    "people whom your site has named."
)
UNREAD = (
    "Nobody could read this: the project can't send mail yet, and nobody with this address is known. Pick a "
    "person from the list who uses the chat widget, or set up mail first."
)
NO_SUBJECT = "A text message has no subject. Write it into the message."
WIDGET_OFF = "The chat widget is off in this project. Choose another way, or turn it on in the settings."


async def begin(request: ParleyRequest, services: Services, actor: Actor, form: NewConversationForm) -> int:
    """Begin the conversation and return its number; a form that is sent twice begins one.

    Raises PermissionDenied, Invalid, and PlainError (400) where the project sends no such message.
    """
    form.check_files()
    form.check_filled()
    if form.email_config_id == WIDGET:
        return await _in_widget(request, services, actor, form)
    async with services.database.transaction() as db:
        new = read(ComposedMessage, {**_addressed(form), **_said(form)})
        composed, is_new = await compose_ticket(db, services, actor, new, _key(form), files=form.digests)
        if is_new and form.assignee:
            patch = TicketPatch(assignee=assignee_of_form(form.assignee, actor))
            await change_ticket(db, services, actor, str(composed.id), patch)
        if is_new:
            await _apply(db, services, actor, str(composed.id), form)
    return composed.ticket_number


async def _in_widget(
    request: ParleyRequest, services: Services, actor: Actor, form: NewConversationForm
) -> int:
    project = actor.project
    if not (project.conversations_enabled and project.settings.get("widget_enabled")):
        raise Invalid(WIDGET_OFF, attr="email_config_id")
    said = read(NewNote, _said(form))
    if is_blank(form.written().content) and not form.files:
        raise Invalid("Message content is required.", code="blank", attr="message")
    about: Any = {"project_id": actor.project_id, "caller": f"user:{actor.user_id}", "key": _key(form)}
    try:
        async with transaction_once(request, services, **about) as db:
            opened = await open_ticket(db, services, actor, await _new_ticket(db, actor, form))
            key = str(opened.ticket_number)
            await add_message(db, services, actor, key, said, is_private=False, has_key=True)
            await _apply(db, services, actor, key, form)
            await keep(request, 200, {"number": opened.ticket_number})
        return opened.ticket_number
    except Replayed as before:
        number: int = read_json(before.body)["number"]
        return number


async def _apply(db: Db, services: Services, actor: Actor, key: str, form: NewConversationForm) -> None:
    """Set what quick actions of the form set; whom the form itself assigns comes before theirs."""
    actions = actions_of_form(form.actions)
    if form.assignee:
        actions = msgspec.structs.replace(actions, assignee=None)
    if actions != NOTHING:
        await apply_actions(db, services, actor, key, actions)


def _addressed(form: NewConversationForm) -> dict[str, Any]:
    """Return to whom it goes, and from where.

    A message is its address's, or its number's: that it belongs to the person who was picked is only what capture says,
    which is public. So is the name of whoever was picked: a mail has the name that the team has typed, or none.
    """
    if form.is_text:
        if form.email_subject.strip():
            raise Invalid(NO_SUBJECT, attr="email_subject")
        return {
            "recipient_phone": form.recipient_email,
            "sms_channel_id": form.email_config_id.removeprefix(TEXTS),
        }
    names = ("email_config_id", "email_subject")
    return {
        "recipient_email": form.address,
        "recipient_name": form.typed_name,
        **{name: getattr(form, name) for name in names},
    }


def _said(form: NewConversationForm) -> dict[str, Any]:
    said = form.written()
    if form.is_text:
        return {"message": said.content, "file_ids": form.file_ids}
    return {"message": said.content, "rich_content": said.rich_content, "file_ids": form.file_ids}


async def _new_ticket(db: Db, actor: Actor, form: NewConversationForm) -> NewTicket:
    """Return the ticket of a conversation in the widget, for somebody who may find it there."""
    to = form.address
    fields: dict[str, Any] = {"status": "open", "assignee": assignee_of_form(form.assignee, actor)}
    if form.email_subject.strip():
        fields["subject"] = form.email_subject
    if not form.recipient_distinct_id and "@" in to:
        email = check_email(to, attr="recipient_email")
        await _check_is_reached(db, actor, email)
        return read(NewTicket, {**fields, "email": email, "name": form.typed_name or None})
    distinct_id = form.recipient_distinct_id or to
    if not distinct_id or not await owners_of(db, actor.project_id, [distinct_id]):
        raise Invalid(NOBODY, attr="recipient_email")
    named = {"name": form.typed_name} if form.typed_name else await _named(db, actor, distinct_id)
    return read(NewTicket, {**fields, **named, "distinct_id": distinct_id})


async def _named(db: Db, actor: Actor, distinct_id: str) -> dict[str, str]:
    """Return the name of a person as a field of the ticket, so that a search for it finds the conversation.

    Their captured address is no such field: answers go by mail to the one of the ticket, and anybody can capture one. And
    whoever is written to by a typed address gets the name that is typed with it: the captured one may be a stranger's words.
    """
    found = await persons_by_distinct_ids(db, actor.project_id, [distinct_id])
    name = heading_name(found[distinct_id].properties, "") if distinct_id in found else ""
    return {"name": name[:MAX_NAME]} if name else {}


async def _check_is_reached(db: Db, actor: Actor, email: str) -> None:
    """Raise Invalid for an address to which no mail can go, and with which nobody has been seen."""
    if any(one.is_mail and not one.is_test for one in await channel_options(db, actor)):
        return
    if await first_distinct_id_by_email(db, actor.project_id, email) is None:
        raise Invalid(UNREAD, attr="recipient_email")


def _key(form: NewConversationForm) -> str | None:
    """Return the key of what is sent: whoever goes back to a form that was sent may write something else in it."""
    names = (
        "recipient_email",
        "recipient_distinct_id",
        "email_subject",
        "message",
        "rich_content",
        "assignee",
        "actions",
    )
    said = msgspec.json.encode([[getattr(form, name) for name in names], form.digests])
    return f"{form.key[:100]}:{sha256(said).hexdigest()}" if form.key else None
