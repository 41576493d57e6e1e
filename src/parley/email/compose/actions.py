"""The team begins a conversation by mail or text message: a ticket whose first message goes out like every answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, or_, update

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.ticket_api.actions import check_may_open
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_added, ticket_opened
from parley.conversations.ticket_changes.rules.events import OpenedTicket, occasion_of
from parley.conversations.tickets.actions.messages import CommentRow, count_message, store
from parley.conversations.tickets.actions.opening import TicketRow, insert_ticket
from parley.conversations.tickets.actions.tags import add_tags
from parley.conversations.tickets.rules.comments import (
    MESSAGE_SCOPE,
    TEXT_MESSAGES,
    check_rich_content,
    check_rich_is_said,
)
from parley.conversations.tickets.rules.tags import checked_tags
from parley.email.channels.schemas import EmailChannel
from parley.email.compose.other_channels import text_channel
from parley.email.compose.queries import support_channel, ticket_composed
from parley.email.compose.schemas import ComposedMessage, ComposedTicket
from parley.email.compose.tables import composed_ticket
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.network.emails import check_email, normal_email
from parley.kernel.services import Services
from parley.kernel.text.forms import is_blank
from parley.people.persons.queries.by_identifier import first_distinct_id_by_email, owners_of
from parley.people.persons.queries.identity import emails_of_persons

WINDOW = timedelta(seconds=120)
"""So long an equal request is the same one."""
NOT_ENABLED = "Support is not enabled."
NO_CHANNEL = "Email channel is not enabled."
NO_SUCH_CHANNEL = "Email configuration not found or domain not verified."
ONE_WAY = (
    "A conversation begins by mail or by text message, not by both. Leave out the fields of one of them."
)
NOT_OF_TEXTS = "Text messages have none of this: plain text goes to a number. Leave it out."
OTHER_ADDRESS = "Recipient email does not match the person's email on file."


async def compose_ticket(
    db: Db,
    services: Services,
    actor: Actor,
    new: ComposedMessage,
    idempotency_key: str | None,
    *,
    files: Sequence[str] | None = None,
) -> tuple[ComposedTicket, bool]:
    """Begin a conversation; return its ticket, and whether it is new.

    An equal request of the same user within 120 seconds begins none, unless it has another `Idempotency-Key`. Its files
    are equal by their ids, or by `files`, their digests: a form that is sent twice stores equal files under other ids.
    Raises PermissionDenied, Invalid, and PlainError (400) where the project sends no such mail.
    """
    check_may_open(actor)
    is_text = new.sms_channel_id is not UNSET or new.recipient_phone is not UNSET
    to, tags = _recipient(new, is_text=is_text), checked_tags(new.tags)
    if is_blank(new.message):
        raise Invalid("Message content is required.", code="blank", attr="message")
    check_rich_content(new.rich_content)
    channel = None if is_text else await _channel(db, actor, new)
    if not is_text:
        await _check_person(db, actor.project_id, new.recipient_distinct_id, to)
    now, digest = services.clock.now(), _digest(actor, new, to, idempotency_key, files)
    known = await _take(db, actor.project_id, digest, now)
    if known is not None:
        return known, False
    if channel is not None:
        opened = await _open(db, services, actor, new, to, channel)
    else:
        opened = await _open_text(db, services, actor, new, to)
    await add_tags(db, actor.project_id, opened.id, tags)
    await _send(db, services, actor, new, opened, now)
    mine = (composed_ticket.c.project_id == actor.project_id, composed_ticket.c.digest == digest)
    await db.execute(update(composed_ticket).where(*mine).values(ticket_id=opened.id))
    return ComposedTicket(opened.id, opened.number), True


def _recipient(new: ComposedMessage, *, is_text: bool) -> str:
    """Return the address or number in its normal form; raises Invalid for what is none, missing or too much."""
    names = ("recipient_email", "email_config_id"), ("recipient_phone", "sms_channel_id")
    wanted, others = reversed(names) if is_text else names
    for name in wanted:
        if getattr(new, name) is UNSET:
            raise Invalid("This field is required.", code="required", attr=name)
    for name in others:
        if getattr(new, name) is not UNSET:
            raise Invalid(ONE_WAY, attr=name)
    to: str = getattr(new, wanted[0])
    return text_channel().number(to) if is_text else check_email(to, attr="recipient_email")


async def _channel(db: Db, actor: Actor, new: ComposedMessage) -> EmailChannel:
    """Return the channel to write from; one of another project is as unknown as one that isn't verified."""
    if not actor.project.conversations_enabled:
        raise PlainError(400, {"detail": NOT_ENABLED})
    if actor.project.settings.get("email_enabled") is not True:
        raise PlainError(400, {"detail": NO_CHANNEL})
    id = new.email_config_id
    channel = await support_channel(db, actor.project_id, id) if id is not UNSET else None
    if channel is None:
        raise PlainError(400, {"detail": NO_SUCH_CHANNEL})
    return channel


async def _check_person(db: Db, project_id: int, distinct_id: str | None, email: str) -> None:
    """Raise PlainError (400) where somebody is named who is known under another address."""
    if not distinct_id:
        return
    owners = await owners_of(db, project_id, [distinct_id])
    known = await emails_of_persons(db, project_id, list(owners.values()))
    if any(address and normal_email(address) != email for address in known.values()):
        raise PlainError(400, {"detail": OTHER_ADDRESS})


def _digest(
    actor: Actor, new: ComposedMessage, to: str, idempotency_key: str | None, files: Sequence[str] | None
) -> str:
    file_ids = new.file_ids if files is None else []
    normal: dict[str, Any] = {"recipient_email": UNSET, "recipient_phone": UNSET, "tags": []}
    same = msgspec.structs.replace(new, file_ids=file_ids, **normal)
    about = (actor.user_id, idempotency_key, to, same, files)
    return sha256(msgspec.json.encode(about, order="sorted")).hexdigest()


async def _take(db: Db, project_id: int, digest: str, now: datetime) -> ComposedTicket | None:
    """Note a request, unless an equal one was noted a moment ago; return the ticket of that (primary key).

    Whoever comes second waits until the first is done. A time that lies ahead was noted under a wrong clock.
    """
    c = composed_ticket.c
    fresh: dict[str, Any] = {"created_at": now, "ticket_id": None}
    noted = insert_for(db.dialect, composed_ticket).values(project_id=project_id, digest=digest, **fresh)
    is_over = or_(c.created_at <= now - WINDOW, c.created_at > now + WINDOW)
    taken = noted.on_conflict_do_update(index_elements=["project_id", "digest"], set_=fresh, where=is_over)
    if (await db.execute(taken.returning(c.digest))).first() is not None:
        return None
    return await ticket_composed(db, project_id, digest)


async def _open(
    db: Db, services: Services, actor: Actor, new: ComposedMessage, email: str, channel: EmailChannel
) -> OpenedTicket:
    distinct_id = new.recipient_distinct_id or await first_distinct_id_by_email(db, actor.project_id, email)
    row = TicketRow(
        project_id=actor.project_id,
        status="open",
        channel_source="email",
        channel_detail=None,
        distinct_id=distinct_id or email,
        # A distinct id that was only looked up may be anybody's who has captured the address.
        claim_email=None if new.recipient_distinct_id else email,
        widget_session_id=new_uuid(),
        identity_verified=None,
        anonymous_traits={**_named(new), "email": email},
        session_id=None,
        session_context={},
        created_at=services.clock.now(),
        email_subject=new.email_subject or None,
        email_from=email,
        email_to=channel.from_email,
        email_channel_id=channel.id,
    )
    return await insert_ticket(db, row, None)


def _named(new: ComposedMessage) -> dict[str, str]:
    """Return the name that the team gives the customer, as the ticket has it: a search finds it by that."""
    name = new.recipient_name or ""
    return {} if is_blank(name) else {"name": name}


async def _open_text(db: Db, services: Services, actor: Actor, new: ComposedMessage, to: str) -> OpenedTicket:
    if not actor.project.conversations_enabled:
        raise PlainError(400, {"detail": NOT_ENABLED})
    sender = new.sms_channel_id
    for name in ("email_subject", "recipient_distinct_id", "recipient_name"):
        if getattr(new, name):
            raise Invalid(NOT_OF_TEXTS, attr=name)
    check_rich_is_said(TEXT_MESSAGES, new.message, new.rich_content)
    assert sender is not UNSET
    return await text_channel().open(db, services, actor, sender, to)


async def _send(
    db: Db, services: Services, actor: Actor, new: ComposedMessage, opened: OpenedTicket, at: datetime
) -> None:
    """Store the first message, and announce both: that it is public has it mailed."""
    row = CommentRow(
        project_id=actor.project_id,
        scope=MESSAGE_SCOPE,
        item_id=str(opened.id),
        ticket_id=opened.id,
        item_context={"author_type": "human", "is_private": False},
        author_type="human",
        is_private=False,
        content=new.message,
        rich_content=new.rich_content,
        created_by=actor.user_id,
        created_at=at,
    )
    message_id = await store(db, row)
    await attach_files(db, actor.project_id, message_id, new.file_ids, uploaded_by=actor.user_id)
    await count_message(db, row, opened.status)
    on = occasion_of(actor, at)
    sent = message_added(on, opened, row, message_id, opened.status, is_first=False)
    await announce(db, services, ticket_opened(on, opened, None), sent)


async def forget_composed(db: Db, now: datetime) -> int:
    """Delete what was composed so long ago that an equal request is another one (ix_composed_ticket_created)."""
    over = delete(composed_ticket).where(composed_ticket.c.created_at <= now - WINDOW)
    return (await db.execute(over)).rowcount
