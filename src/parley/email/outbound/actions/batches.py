"""Taking a batch of mails: what is due, as it is at this moment, and what isn't to go out any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, update

from parley.conversations.files.queries import files_of
from parley.conversations.files.schemas import File
from parley.conversations.tickets.rules.comments import Authorship, assistant_name, author_name
from parley.email.channels.queries import channels_of
from parley.email.channels.schemas import EmailChannel
from parley.email.letters.composing import Letter, Said
from parley.email.outbound.actions.queue import take_queue
from parley.email.outbound.actions.status import show_status
from parley.email.outbound.queries.due import (
    EMAIL,
    FIRST_DUE,
    IS_DUE,
    DueEmail,
    DueMessage,
    DueRecipient,
    SendingProject,
    messages_of_emails,
    recipients_of_emails,
    sending_project,
    ticket_numbers,
)
from parley.email.outbound.tables import outbound_email, outbound_email_message
from parley.email.reply_routes.queries import sending_channel
from parley.email.reply_routes.unsubscribing import PATH as UNSUBSCRIBE
from parley.email.reply_routes.unsubscribing import unsubscribe_token
from parley.email.threading.rules import loop_mark, reply_address
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services

BATCH = 40
LOCAL_DOMAIN = "inbound.localhost"
"""The domain of forwarding addresses where none is set: nobody else can write to it."""

LEFT = "You get this mail because you had left {} when the answer came."

_e, _m = outbound_email.c, outbound_email_message.c
_CLAIM = Prepared(
    update(outbound_email)
    # Both, as one that is put off at this moment isn't due any more when its lock is free.
    .where(*IS_DUE, _e.id.in_(FIRST_DUE))
    .values(attempts=_e.attempts + 1)
    .returning(*EMAIL.columns)
)
_CANCEL = Prepared(
    update(outbound_email)
    .where(_e.project_id == bindparam("project_id"), _e.id == bindparam("email_id"))
    .values(
        state="cancelled",
        reason=bindparam("why", type_=_e.reason.type),
        next_at=None,
        finished_at=bindparam("now", type_=_e.finished_at.type),
    )
)
_TAKE_OUT = Prepared(
    delete(outbound_email_message).where(
        _m.project_id == bindparam("project_id"),
        _m.email_id == bindparam("email_id"),
        _m.comment_id == bindparam("comment_id"),
    )
)


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to be sent now: to whom, what it says, and by whom it is signed. Without a channel it can't be sent."""

    email: DueEmail
    comment_ids: Sequence[UUID]
    open_recipients: Sequence[str]
    recipients: Sequence[DueRecipient]
    letter: Letter
    files: Sequence[File]
    channel: EmailChannel | None


async def take_batch(
    db: Db, services: Services, project_id: int, work_id: UUID, in_hand: Sequence[UUID]
) -> Sequence[Outgoing] | None:
    """Take the queue and its next batch, which may be empty; None where other work is at it.

    Mails that the work has `in_hand` already are left out: they are due until it is recorded what became of them.
    """
    now = services.clock.now()
    if not await take_queue(db, project_id, work_id, now):
        return None
    rows = await db.rows(_CLAIM, project_id=project_id, now=now, in_hand=in_hand, limit=BATCH)
    if not rows:
        return ()
    emails = sorted(map(EMAIL, rows), key=lambda one: (one.created_at, one.id))
    ids = [one.id for one in emails]
    messages = await messages_of_emails(db, project_id, ids)
    kept = await _still_wanted(db, services, project_id, emails, messages, now)
    wanted = [one for one in emails if kept[one.id]]
    recipients = await recipients_of_emails(db, project_id, ids)
    about = _Batch(
        services,
        project_id,
        await sending_project(db, project_id),
        await channels_of(db, project_id),
        await ticket_numbers(db, project_id, [one.ticket_id for one in wanted]),
    )
    files = await files_of(db, project_id, [one.id for said in kept.values() for one in said])
    return [
        about.outgoing(
            one,
            kept[one.id],
            recipients[one.id],
            [file for said in kept[one.id] for file in files.get(said.id, ())],
        )
        for one in wanted
    ]


async def _still_wanted(
    db: Db,
    services: Services,
    project_id: int,
    emails: Sequence[DueEmail],
    messages: Mapping[UUID, Sequence[DueMessage]],
    now: datetime,
) -> dict[UUID, list[DueMessage]]:
    """Return what each mail has left to say; messages that were removed, or read meanwhile, are taken out of it."""
    kept: dict[UUID, list[DueMessage]] = {}
    cancelled: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for one in emails:
        there = [message for message in messages[one.id] if not message.is_gone]
        left = [message for message in there if message.is_unread or one.kind != "unread"]
        kept[one.id] = left
        this = {"project_id": project_id, "email_id": one.id}
        if not left:
            cancelled.append({**this, "why": "read" if there else "deleted", "now": now})
            continue
        gone += [{**this, "comment_id": message.id} for message in messages[one.id] if message not in left]
    await db.each(_CANCEL, cancelled)
    await db.each(_TAKE_OUT, gone)
    changed = [message.id for one in cancelled for message in messages[one["email_id"]]]
    changed += [one["comment_id"] for one in gone]
    if changed:
        await show_status(db, services, project_id, changed)
    return kept


class _Batch:
    """What the mails of a batch have in common."""

    def __init__(
        self,
        services: Services,
        project_id: int,
        project: SendingProject,
        channels: Sequence[EmailChannel],
        numbers: Mapping[UUID, int],
    ) -> None:
        self._services, self._project_id, self._project = services, project_id, project
        self._now = services.clock.now()
        self._channels, self._numbers = channels, numbers

    def outgoing(
        self,
        email: DueEmail,
        messages: Sequence[DueMessage],
        recipients: Sequence[DueRecipient],
        files: Sequence[File],
    ) -> Outgoing:
        channel = sending_channel(self._channels, email.channel_id)
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
            reply_to=self._reply_to(channel, self._numbers[email.ticket_id]) if channel else None,
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
            creator_name=f"{one.first_name} {one.last_name}".strip() if known else None,
            context=one.item_context,
        )
        name = author_name(authorship, assistant_name(self._project.settings))
        return Said(one.content, one.rich_content, name, one.created_at)
