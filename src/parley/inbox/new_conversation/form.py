"""The form of a new conversation, and what it offers."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import is_at_least
from parley.conversations.files.forms import FormWithFiles
from parley.conversations.files.schemas import PickedFiles
from parley.conversations.messages.rich_text import Written, appended, written
from parley.conversations.quick_actions.queries import quick_action_page
from parley.conversations.quick_actions.schemas import QuickActionOut
from parley.email.channels.queries import channels_of
from parley.email.channels.schemas import EmailChannel
from parley.email.compose.other_channels import text_senders
from parley.email.compose.schemas import MAX_COMPOSED
from parley.inbox.composer.changes import ActionsView, actions_of_form, actions_view
from parley.inbox.composer.placeholders import MAX_VALUE, unfilled
from parley.inbox.sending.errors import Unfilled
from parley.inbox.ticket_details.queries.people import Assignable, assignables
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, Principal
from parley.kernel.http.paging import PageRequest
from parley.kernel.ids import new_token
from parley.kernel.services import Services
from parley.kernel.text.forms import is_blank
from parley.people.persons.rules.names import MAX_NAME

WIDGET, TEXTS = "widget", "sms:"
MOST_TEMPLATES = 200


class NewConversationForm(FormWithFiles, kw_only=True):
    """The form. `then` is the button: empty to send it, or `insert` for a template; `key` is the same for each try."""

    recipient_email: str = ""  # in the widget it may be a distinct id, by text message it is a number
    recipient_distinct_id: str = ""  # of a person who was picked
    recipient_name: str = ""  # of a person who was picked, as capture says it
    email_config_id: str = ""  # a channel of mail, `widget`, or `sms:` and the id of a number
    email_subject: str = ""
    message: str = ""
    rich_content: str = ""  # the document of the editor, which holds more than `message` then
    assignee: str = ""
    template: str = ""
    then: str = ""
    key: str = ""
    as_is: str = ""  # placeholders may stay
    actions: str = ""  # what quick actions set on the conversation, as JSON

    def check_files(self) -> None:
        """Raise Invalid where a file could not be stored."""
        if self.problem is not None:
            raise Invalid(self.problem, attr="files")

    def check_filled(self) -> None:
        """Raise Unfilled for a message with placeholders, unless whoever sends it has said that they belong there."""
        left = [] if self.as_is else unfilled(self.written().content)
        if left:
            raise Unfilled(left)

    def written(self) -> Written:
        """Return what is sent, with its formatting; raises Invalid for formatting that no editor of ours makes."""
        try:
            return written(self.message, self.rich_content)
        except Invalid as error:
            raise Invalid(error.detail, code=error.code, attr="message") from error

    def shown_rich(self) -> str:
        """Return the document for the editor; empty where plain text says it all, or where it can't be read."""
        return appended(self.rich_content, "")

    @property
    def address(self) -> str:
        """To whom it goes, without the name before it: of `Mina <mina@x.test>`, what is in the angle brackets."""
        return _name_and_address(self.recipient_email)[1]

    @property
    def typed_name(self) -> str:
        """The name before the address, as the team has typed it, or nothing."""
        name = " ".join(_name_and_address(self.recipient_email)[0].split())[:MAX_NAME].strip()
        return "" if is_blank(name) else name

    @property
    def _name_in_widget(self) -> str:
        """The captured name of whoever was picked: it is for their own chat, and never goes to an address or a number."""
        is_theirs = self.email_config_id == WIDGET and self.recipient_distinct_id
        return " ".join(self.recipient_name.split()) if is_theirs else ""

    def values(self, agent: Principal) -> dict[str, str]:
        """Return what the placeholders of a template stand for: what is known before there is a ticket."""
        name = self.typed_name or self._name_in_widget
        own_name, to = " ".join(agent.name.split()), self.address
        found = {
            "person.name": name,
            "person.first_name": name.partition(" ")[0],
            "person.email": to if "@" in to else "",
            "ticket.subject": self.email_subject.strip(),
            "agent.name": own_name,
            "agent.first_name": own_name.partition(" ")[0],
        }
        return {key: value[:MAX_VALUE] for key, value in found.items()}

    @property
    def is_text(self) -> bool:
        """Whether it goes out by text message."""
        return self.email_config_id.startswith(TEXTS)

    @property
    def file_ids(self) -> list[str]:
        return [str(one.id) for one in self.files]


def _name_and_address(text: str) -> tuple[str, str]:
    name, bracket, address = text.strip().rpartition("<")
    if not bracket or not address.endswith(">"):
        return "", text.strip()
    return name.strip().strip('"'), address.removesuffix(">").strip()


class ChannelOption(msgspec.Struct, frozen=True):
    """A way to reach somebody; `id` is of a channel of mail, `widget`, or `sms:` and the id of the number `sends_from`."""

    id: str
    name: str
    sends_from: str = ""
    is_test: bool = False

    @property
    def is_mail(self) -> bool:
        return self.id != WIDGET and not self.sends_from


class NewConversationPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `new_conversation/new_conversation.html`; `problem` belongs to the field named `at`, or to all of them."""

    form: NewConversationForm
    files: PickedFiles
    channels: Sequence[ChannelOption]
    has_mail: bool
    sends_mail: bool  # and from more than test addresses
    waiting: EmailChannel | None  # one whose domain is not verified, where there is no other
    has_texts: bool
    assignees: Sequence[Assignable]
    templates: Sequence[QuickActionOut]
    may_open: bool
    key: str
    most: int = MAX_COMPOSED
    problem: str | None = None
    at: str | None = None
    has_placeholders: bool = False  # and was not sent because of them
    actions: ActionsView | None = None


async def page_of(
    services: Services, actor: Actor, form: NewConversationForm, **more: Any
) -> NewConversationPage:
    """Gather what the form offers."""
    async with services.database.transaction(write=False) as db:
        channels = await channel_options(db, actor)
        connected = await channels_of(db, actor.project_id)
        _, actions = await quick_action_page(db, actor, PageRequest(limit=MOST_TEMPLATES))
    if form.recipient_email.startswith("+") and not form.email_config_id:
        form.email_config_id = next((one.id for one in channels if one.sends_from), "")
    return NewConversationPage(
        form=form,
        files=PickedFiles(stored=form.files),
        channels=channels,
        has_mail=any(one.is_mail for one in channels),
        sends_mail=any(one.is_mail and not one.is_test for one in channels),
        waiting=next((one for one in connected if one.kind == "support" and not one.is_verified), None),
        has_texts=any(one.sends_from for one in channels),
        assignees=await assignables(services, actor.project),
        templates=[one for one in actions if one.content],
        may_open=is_at_least(default_level(actor), "editor"),
        key=form.key or new_token(),
        actions=await _actions_view(services, actor, form),
        **more,
    )


async def _actions_view(services: Services, actor: Actor, form: NewConversationForm) -> ActionsView | None:
    try:
        return await actions_view(services, actor, actions_of_form(form.actions))
    except Invalid:
        return None


async def channel_options(db: Db, actor: Actor) -> list[ChannelOption]:
    """Return what a conversation may begin by: the default channel of mail first, then numbers, the widget last."""
    project = actor.project
    if not project.conversations_enabled:
        return []
    found = await channels_of(db, project.id) if project.settings.get("email_enabled") is True else []
    usable = [one for one in found if one.is_verified and one.kind == "support"]
    usable.sort(key=lambda one: (not one.is_default, one.is_test))
    mail = [ChannelOption(str(one.id), _name_of(one), is_test=one.is_test) for one in usable]
    texts = [
        ChannelOption(f"{TEXTS}{one.id}", f"Text message from {one.number}", one.number)
        for one in await text_senders(db, project.id)
    ]
    widget = [ChannelOption(WIDGET, "Chat widget")] if project.settings.get("widget_enabled") else []
    return [*mail, *texts, *widget]


def _name_of(channel: EmailChannel) -> str:
    if channel.is_test:
        return f"Test address {channel.from_email}: kept here, not sent"
    return f"{channel.from_name} <{channel.from_email}>"
