"""An answer becomes mails: to whom, when, and whether the brake holds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, bindparam, insert, update

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import change_of
from parley.conversations.ticket_changes.rules.kinds import CHANGED
from parley.conversations.tickets.actions.fields import store_fields
from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.email.channels.schemas import EmailChannel
from parley.email.letters.composing import subject_of
from parley.email.outbound.actions.queue import call_once
from parley.email.outbound.actions.status import note_delivery_status
from parley.email.outbound.queries.planned import (
    AnswerToPlan,
    answer_to_plan,
    is_planned,
    open_burst,
    resumed_at,
    traffic,
)
from parley.email.outbound.rules.brake import SKEW, WINDOW, HeldReason, held_for
from parley.email.outbound.rules.states import due_time
from parley.email.outbound.tables import outbound_email, outbound_email_message, outbound_recipient
from parley.email.reply_routes.queries import route_of
from parley.email.reply_routes.rules import ReplyRoute
from parley.email.threading.actions import remember_sent
from parley.email.threading.queries import ThreadIds, message_ids_of
from parley.email.threading.rules import own_message_id
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services


class PlannedMail(msgspec.Struct, frozen=True):
    """One mail to come: its first recipient is the one it is addressed to."""

    id: UUID
    to: str
    cc: Sequence[str]
    message_id: str


def _inserting(table: Table, *names: str) -> Prepared:
    return Prepared(insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names}))


_INSERT_EMAIL = _inserting(
    outbound_email, "project_id", "id", "ticket_id", "kind", "channel_id", "message_id", "in_reply_to",
    "thread_ids", "subject", "state", "reason", "next_at", "attempts", "created_at",
)  # fmt: skip
_INSERT_MESSAGE = _inserting(outbound_email_message, "project_id", "comment_id", "email_id")
_INSERT_RECIPIENT = _inserting(
    outbound_recipient, "project_id", "email_id", "address", "kind", "state", "created_at"
)
_PUT_OFF = Prepared(
    update(outbound_email)
    .where(
        outbound_email.c.project_id == bindparam("project_id"), outbound_email.c.id == bindparam("email_id")
    )
    .values(next_at=bindparam("at", type_=outbound_email.c.next_at.type))
)


async def plan_answer(db: Db, services: Services, project_id: int, comment_id: UUID) -> None:
    """Have a message of the team reach its people by mail, if it has to. Safe to repeat."""
    answer = await answer_to_plan(db, project_id, comment_id)
    if answer is None or not answer.conversations_enabled or await is_planned(db, project_id, comment_id):
        return
    route, channel = await route_of(db, project_id, answer.ticket, answer.settings)
    if channel is None or route.address is None or route.kind != "email":
        if route.kind == "none":
            await note_delivery_status(db, services, project_id, comment_id, "failed", route.failure)
        return
    if route.is_delayed:
        await _note_address(db, services, project_id, answer, route.address)
    mails = await _not_in_a_burst(db, services, project_id, answer, route, channel)
    if mails:
        await _plan_new(db, services, project_id, answer, route, channel, mails)
    await note_delivery_status(db, services, project_id, comment_id, "sending")  # waiting, or held


async def _not_in_a_burst(
    db: Db,
    services: Services,
    project_id: int,
    answer: AnswerToPlan,
    route: ReplyRoute,
    channel: EmailChannel,
) -> list[PlannedMail]:
    """Return the mails of an answer, one for those who may know of each other, one for everybody else.

    An answer that isn't urgent goes along with a mail that waits for the same person.
    """
    addressed = [(route.address, route.cc), *((one, ()) for one in route.alone)]
    mails: list[PlannedMail] = []
    for to, cc in addressed:
        assert to is not None
        burst = await open_burst(db, project_id, answer.ticket.id, to) if route.is_delayed else None
        if burst is not None:
            this = {"project_id": project_id, "email_id": burst.id}
            await db.rows(_INSERT_MESSAGE, **this, comment_id=answer.comment_id)
            await db.rows(_PUT_OFF, **this, at=due_time(burst.created_at, answer.created_at))
            continue
        id = new_uuid()
        named = id if mails or to != route.address else answer.comment_id
        mails.append(
            PlannedMail(id, to, cc, own_message_id(services.vault, project_id, named, channel.domain))
        )
    return mails


async def _plan_new(
    db: Db,
    services: Services,
    project_id: int,
    answer: AnswerToPlan,
    route: ReplyRoute,
    channel: EmailChannel,
    mails: Sequence[PlannedMail],
) -> None:
    now, ticket = services.clock.now(), answer.ticket
    reason = await _held_reason(db, project_id, answer, mails, now)
    thread = await message_ids_of(db, project_id, ticket.id)
    due = due_time(answer.created_at, answer.created_at) if route.is_delayed else now
    row = {
        "project_id": project_id,
        "ticket_id": ticket.id,
        "kind": "unread" if route.is_delayed else "reply",
        "channel_id": channel.id,
        "in_reply_to": _answered_id(thread),
        "thread_ids": thread.ids,
        "subject": subject_of(_subject(answer), is_reply=bool(thread.ids) or route.is_delayed),
        "state": "held" if reason else "waiting",
        "reason": reason,
        "next_at": due,
        "attempts": 0,
        "created_at": now,
    }
    await db.each(_INSERT_EMAIL, [{**row, "id": one.id, "message_id": one.message_id} for one in mails])
    await db.each(
        _INSERT_MESSAGE,
        [{"project_id": project_id, "comment_id": answer.comment_id, "email_id": one.id} for one in mails],
    )
    await db.each(_INSERT_RECIPIENT, [row for one in mails for row in _recipients(project_id, one, now)])
    for one in mails:
        await remember_sent(db, project_id, ticket.id, answer.comment_id, one.message_id, now)
    if due <= now and not reason:
        db.before_commit(call_once, (project_id, now))


def _answered_id(thread: ThreadIds) -> str | None:
    """Return what a mail answers: the latest one of the customer, else the latest of ours."""
    return thread.latest_received or (thread.ids[-1] if thread.ids else None)


def _subject(answer: AnswerToPlan) -> str | None:
    ticket = answer.ticket
    return ticket.email_subject or (f"#{ticket.number}" if ticket.channel_source != "email" else None)


def _recipients(project_id: int, mail: PlannedMail, now: datetime) -> list[dict[str, Any]]:
    common = {"project_id": project_id, "email_id": mail.id, "state": "waiting", "created_at": now}
    addressed = [(mail.to, "to"), *((address, "cc") for address in mail.cc)]
    return [{**common, "address": address, "kind": kind} for address, kind in addressed]


async def _held_reason(
    db: Db, project_id: int, answer: AnswerToPlan, mails: Sequence[PlannedMail], now: datetime
) -> HeldReason | None:
    resumed = await resumed_at(db, project_id)
    since = max(now - WINDOW, resumed) if resumed else now - WINDOW
    addresses = [address for one in mails for address in (one.to, *one.cc)]
    found = await traffic(db, project_id, answer.ticket.id, addresses, since, now + SKEW)
    return held_for(found, answer.settings)


async def _note_address(
    db: Db, services: Services, project_id: int, answer: AnswerToPlan, address: str
) -> None:
    """Note on a ticket of the web the address that its answers are mailed to, and the subject `#N`."""
    ticket = answer.ticket
    if ticket.is_merged or (ticket.email_from == address and ticket.email_subject):
        return
    found = await locked_ticket(db, project_id, ticket.id)
    after = {"email_from": address, "email_subject": found.email_subject or f"#{found.number}"}
    await store_fields(db, found, after, services.clock.now())
    await announce(db, services, change_of(found, CHANGED))
