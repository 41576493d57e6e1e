"""An answer becomes text messages, unless its customer gets none, and the brake lets them go or holds them."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert

from parley.conversations.files.attachments import attachments_in, file_links, with_links
from parley.conversations.files.rules.links import FOR_TEXTS
from parley.integrations.sms.queries.channels import sms_channel_of_number
from parley.integrations.sms.queries.contacts import contact_of_ticket, has_opted_out, locked_contact
from parley.integrations.sms.rules.numbers import may_be_answered
from parley.integrations.sms.schemas import SmsContact
from parley.integrations.sms_outbound.actions.queue import call_for_work
from parley.integrations.sms_outbound.actions.status import note_sms_status, show_sms_status
from parley.integrations.sms_outbound.queries.messages import (
    AnswerToText,
    answer_to_text,
    states_of_answer,
    traffic,
)
from parley.integrations.sms_outbound.rules.states import SENTENCES, Reason, held_for
from parley.integrations.sms_outbound.rules.texts import parts_of, text_of
from parley.integrations.sms_outbound.tables import sms_message
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services


async def plan_answer(db: Db, services: Services, project_id: int, comment_id: UUID) -> None:
    """Have an answer reach its customer by text message, if it is on a ticket of one. Safe to repeat."""
    answer = await answer_to_text(db, project_id, comment_id)
    if answer is None or not answer.is_enabled or await states_of_answer(db, project_id, comment_id):
        return
    found = await contact_of_ticket(db, project_id, answer.ticket_id)
    contact = await locked_contact(db, project_id, found.id) if found else None
    if contact is None:
        return
    text = _text(services, project_id, answer)
    parts = parts_of(text)
    refused = await _reason_against(db, contact, parts)
    if refused is not None:
        await note_sms_status(db, services, project_id, comment_id, "failed", SENTENCES[refused])
        return
    await _plan(db, services, contact, answer, comment_id, parts or [])


def _text(services: Services, project_id: int, answer: AnswerToText) -> str:
    files = with_links(
        attachments_in(answer.item_context), project_id, file_links(services), lifetime=FOR_TEXTS
    )
    return text_of(answer.content, [one.url for one in files])


async def _reason_against(db: Db, contact: SmsContact, parts: list[str] | None) -> Reason | None:
    if await has_opted_out(db, contact):
        return "opted_out"
    if not may_be_answered(contact.number):
        return "no_number"
    if parts is None:
        return "too_long"
    if await sms_channel_of_number(db, contact.project_id, contact.own_number) is None:
        return "no_channel"
    return None


async def _plan(
    db: Db, services: Services, contact: SmsContact, answer: AnswerToText, comment_id: UUID, parts: list[str]
) -> None:
    if not parts:
        return
    now, project_id = services.clock.now(), contact.project_id
    seen = await traffic(db, project_id, contact.id, now)
    reason = held_for(
        answer.settings,
        to_number=seen.to_number,
        of_project=seen.of_project,
        held=seen.held,
        n_new=len(parts),
    )
    common: dict[str, Any] = {
        "project_id": project_id,
        "contact_id": contact.id,
        "comment_id": comment_id,
        "state": "held" if reason else "waiting",
        "reason": reason,
        "detail": SENTENCES[reason] if reason else None,
        "next_at": None if reason else now,
        "attempts": 0,
        "created_at": now,
    }
    rows = [{**common, "id": new_uuid(), "part": place, "body": body} for place, body in enumerate(parts, 1)]
    await db.execute(insert(sms_message), rows)
    await show_sms_status(db, services, project_id, comment_id)
    if reason is None:
        await call_for_work(db, project_id, contact.id, now)
