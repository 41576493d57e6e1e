"""Mails that are to be sent now, as they are at this moment."""

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

import msgspec

from parley.accounts.users.rules import full_name
from parley.conversations.files.queries import files_of
from parley.conversations.files.schemas import File
from parley.conversations.tickets.rules.comments import Authorship, assistant_name, author_name
from parley.email.channels.queries import channels_of
from parley.email.channels.schemas import EmailChannel
from parley.email.delivery.queries import (
    SendingProject,
    SendingTicket,
    sending_project,
    sending_tickets,
)
from parley.email.letters.composing import Letter, Said
from parley.email.outbound.queries.due import DueEmail, DueMessage, DueRecipient, TakenEmail
from parley.email.reply_routes.queries import is_left_by_test_address, sending_channel
from parley.email.reply_routes.unsubscribing import PATH as UNSUBSCRIBE
from parley.email.reply_routes.unsubscribing import unsubscribe_token
from parley.email.threading.rules import loop_mark, reply_address
from parley.kernel.database.transaction import Db
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services

LOCAL_DOMAIN = "inbound.localhost"
"""The domain of forwarding addresses where none is set: nobody else can write to it."""

LEFT = "You get this mail because you had left {} when the answer came."


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to be sent now: to whom, what it says, and by whom it is signed. Without a channel it can't be sent."""

    email: DueEmail
    comment_ids: Sequence[UUID]
    open_recipients: Sequence[str]
    recipients: Sequence[DueRecipient]
    letter: Letter
    files: Sequence[File]
    channel: EmailChannel | None


async def outgoing_mails(
    db: Db, services: Services, project_id: int, taken: Sequence[TakenEmail]
) -> list[Outgoing]:
    """Return the mails of a batch with their letters, files and channels."""
    if not taken:
        return []
    channels = await channels_of(db, project_id)
    tickets = await sending_tickets(db, project_id, [one.email.ticket_id for one in taken])
    unsent = {
        one.email.id
        for one in taken
        if await is_left_by_test_address(
            db, project_id, channels, one.email.channel_id, tickets[one.email.ticket_id].email_to
        )
    }
    project = await sending_project(db, project_id)
    about = _Batch(services, project_id, project, channels, tickets, unsent)
    files = await files_of(db, project_id, [said.id for one in taken for said in one.messages])
    return [
        about.outgoing(
            one.email,
            one.messages,
            one.recipients,
            [file for said in one.messages for file in files.get(said.id, ())],
        )
        for one in taken
    ]


class _Batch:
    """What the mails of a batch have in common."""

    def __init__(
        self,
        services: Services,
        project_id: int,
        project: SendingProject,
        channels: Sequence[EmailChannel],
        tickets: Mapping[UUID, SendingTicket],
        unsent: Set[UUID],
    ) -> None:
        self._services, self._project_id, self._project = services, project_id, project
        self._now = services.clock.now()
        self._channels, self._tickets, self._unsent = channels, tickets, unsent

    def outgoing(
        self,
        email: DueEmail,
        messages: Sequence[DueMessage],
        recipients: Sequence[DueRecipient],
        files: Sequence[File],
    ) -> Outgoing:
        channel = sending_channel(self._channels, email.channel_id) if email.id not in self._unsent else None
        return Outgoing(
            email=email,
            comment_ids=[one.id for one in messages],
            open_recipients=[one.address for one in recipients if one.state == "waiting"],
            recipients=recipients,
            letter=self._letter(email, messages, recipients, channel),
            files=files,
            channel=channel,
        )

    def _letter(
        self,
        email: DueEmail,
        messages: Sequence[DueMessage],
        recipients: Sequence[DueRecipient],
        channel: EmailChannel | None,
    ) -> Letter:
        is_unread = email.kind == "unread"
        return Letter(
            from_name=channel.from_name if channel else "",
            from_email=channel.from_email if channel else "",
            to=next(one.address for one in recipients if one.kind == "to"),
            cc=[
                one.address for one in recipients if one.kind == "cc" and "@" in one.address
            ],  # not erased ones
            subject=email.subject,
            message_id=email.message_id,
            in_reply_to=email.in_reply_to,
            references=email.thread_ids,
            reply_to=self._reply_to(channel, self._tickets[email.ticket_id].number) if channel else None,
            at=self._now,
            said=[self._said(one) for one in messages],
            footer=LEFT.format(one_line(self._project.name)) if is_unread else "",
            is_automatic=is_unread,
            loop_mark=loop_mark(self._services.vault, self._project_id),
            # In a mail to several, anybody could use the link for the others.
            unsubscribe_url=self._unsubscribe_url(recipients[0].address)
            if is_unread and len(recipients) == 1
            else None,
        )

    def _reply_to(self, channel: EmailChannel, ticket_number: int) -> str | None:
        """Return the address at which answers arrive by themselves; without a domain of our own, they go to the sender."""
        domain = self._services.settings.inbound_domain
        if domain == LOCAL_DOMAIN:
            return None
        return reply_address(self._services.vault, channel.inbound_token, ticket_number, domain)

    def _unsubscribe_url(self, address: str) -> str:
        token = unsubscribe_token(self._services.vault, self._project_id, address)
        return f"{self._services.settings.site_url}{UNSUBSCRIBE}/{token}"

    def _said(self, one: DueMessage) -> Said:
        known = one.first_name is not None
        authorship = Authorship(
            author_type=one.author_type,
            creator_name=full_name(one.first_name, one.last_name) if known else None,
            context=one.item_context,
        )
        name = author_name(authorship, assistant_name(self._project.settings))
        return Said(one.content, one.rich_content, name, one.created_at)
