"""Attempts are noted: that one begins, what it came to, and what Twilio reports later."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, update

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.integrations.connections.actions.state import clear_errors, mark_failed
from parley.integrations.connections.schemas import Connected
from parley.integrations.sms.actions.contacts import opt_out
from parley.integrations.sms.actions.placing import add_note, open_ticket_of
from parley.integrations.sms.actions.receiving import STOPPED
from parley.integrations.sms.queries.contacts import locked_contact
from parley.integrations.sms.schemas import SmsContact
from parley.integrations.sms_outbound.actions.status import show_sms_status
from parley.integrations.sms_outbound.queries.messages import reported_text
from parley.integrations.sms_outbound.rules.states import (
    OPTED_OUT,
    SENTENCES,
    Reason,
    State,
    is_news,
    next_attempt,
    sentence_of,
    state_of_callback,
)
from parley.integrations.sms_outbound.schemas import DueText, TextOutcome
from parley.integrations.sms_outbound.tables import sms_message
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

m = sms_message.c
LEAST_UNKNOWN = timedelta(seconds=60)
"""So long Twilio has time to show a message in its list."""


def _one(project_id: int, id: UUID) -> Any:
    return and_(m.project_id == project_id, m.id == id)


async def begin(db: Db, due: DueText, now: datetime, until: datetime) -> None:
    """Note that an attempt begins; if nothing more is heard of it, the message is looked for after `until`."""
    values = {
        "state": "sending",
        "begun_at": func.coalesce(m.begun_at, literal(now, m.begun_at.type)),
        "next_at": until,
    }
    await db.execute(
        update(sms_message).where(_one(due.project_id, due.id)).values(**values, attempts=m.attempts + 1)
    )


async def settle_one(db: Db, services: Services, due: DueText, state: State, reason: Reason) -> None:
    """End a message without an attempt."""
    outcome = TextOutcome(state=state, reason=reason, detail=SENTENCES.get(reason) or None)
    await _settle(db, services, due, outcome)


async def record(
    db: Db, services: Services, contact: SmsContact, account: Connected, due: DueText, outcome: TextOutcome
) -> None:
    """Note what an attempt came to; what it says of the account and of the customer is noted there."""
    if outcome.code == OPTED_OUT:
        await _opted_out(db, services, contact)
    if outcome.code == 20003:
        await mark_failed(db, account)
    elif outcome.state == "sent":
        await clear_errors(db, account)
    if outcome.state is not None:
        await _settle(db, services, due, outcome)
    else:
        await _try_again(db, services, due, outcome)


async def _settle(db: Db, services: Services, due: DueText, outcome: TextOutcome) -> None:
    is_final = outcome.state != "sent"
    values: dict[str, Any] = {
        "state": outcome.state, "reason": outcome.reason, "detail": outcome.detail, "sid": outcome.sid,
        "code": outcome.code, "segments": outcome.segments, "body": "", "next_at": None, "begun_at": None,
        "finished_at": services.clock.now() if is_final else None,
    }  # fmt: skip
    still = or_(m.state == "sending", m.state == "waiting")  # a report may have been faster
    await db.execute(update(sms_message).where(_one(due.project_id, due.id), still).values(values))
    await show_sms_status(db, services, due.project_id, due.comment_id)


async def _try_again(db: Db, services: Services, due: DueText, outcome: TextOutcome) -> None:
    now = services.clock.now()
    at = next_attempt(due.attempts + 1, now, due.created_at)
    if at is None:
        reason: Reason = "not_known" if outcome.is_unknown else "given_up"
        said = " ".join(filter(None, (SENTENCES[reason], outcome.detail)))[:400]
        await _settle(db, services, due, TextOutcome(state="failed", reason=reason, detail=said))
        return
    at = max(at, now + timedelta(seconds=outcome.wait_s))
    values: dict[str, Any] = {"next_at": at, "detail": (outcome.detail or "")[:400] or None}
    if not outcome.is_unknown:
        values |= {"state": "waiting", "begun_at": None}
    else:
        values["next_at"] = max(at, now + LEAST_UNKNOWN)
    still = m.state == "sending"
    await db.execute(update(sms_message).where(_one(due.project_id, due.id), still).values(values))


async def _opted_out(db: Db, services: Services, contact: SmsContact) -> None:
    """Note what Twilio knew and we didn't: the customer gets no messages of this number."""
    found = await locked_contact(db, contact.project_id, contact.id)
    if found is None or found.opted_out_at is not None:
        return
    await opt_out(db, services, found, "twilio")
    project = (await projects_by_ids(db, [contact.project_id]))[contact.project_id]
    on = await open_ticket_of(db, project, found, reopens=False)
    if on is not None:
        await add_note(db, services, project, on, STOPPED)


async def take_report(
    db: Db, services: Services, project_id: int, id: UUID | None, sid: str, status: str, code: int
) -> None:
    """Note what Twilio reports of a message; reports come in any order and more than once. An unknown one is nothing."""
    row = await reported_text(db, project_id, id, sid)
    after = state_of_callback(status)
    if row is None or after is None or not is_news(row.state, after):
        return
    values: dict[str, Any] = {"state": after, "sid": sid, "body": "", "next_at": None, "begun_at": None}
    if after in ("delivered", "failed"):
        values["finished_at"] = services.clock.now()
    if after == "failed":
        values |= {"reason": "undelivered", "detail": sentence_of(code)[:400], "code": code or None}
    else:
        values |= {"reason": None, "detail": None, "code": None}
    await db.execute(update(sms_message).where(_one(project_id, row.id)).values(values))
    await show_sms_status(db, services, project_id, row.comment_id)
