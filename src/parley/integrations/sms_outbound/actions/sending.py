"""The messages of one customer go out one after the other, each attempt noted before it begins and when it has ended.

Twilio knows no idempotency keys for messages. So after an attempt of which it isn't known how it ended (a crash, no answer),
its list of messages is read before anything is sent again (docs/sms.md#twice).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.integrations.connections.errors import (
    CredentialsRejected,
    NotPermitted,
    UpstreamFailed,
    UpstreamRateLimited,
    UpstreamRefused,
)
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.schemas import Connected
from parley.integrations.sms.addresses import callback_url
from parley.integrations.sms.queries.channels import sms_channel_of_number
from parley.integrations.sms.queries.contacts import has_opted_out
from parley.integrations.sms.schemas import SmsContact
from parley.integrations.sms_outbound.actions.queue import LEASE, leave_queue, take_queue
from parley.integrations.sms_outbound.actions.recording import begin, record, settle_one
from parley.integrations.sms_outbound.queries.messages import first_open_text, known_sids
from parley.integrations.sms_outbound.rules.states import BUSY, SENTENCES, sentence_of
from parley.integrations.sms_outbound.schemas import DueText, TextOutcome
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.calls import TwilioCalls, calls_of
from parley.integrations.twilio.schemas import TwilioMessage, TwilioProblem
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Throttled
from parley.kernel.jobs import Work
from parley.kernel.services import Services

MOST_AT_A_TIME = 20


class TakenText(msgspec.Struct, frozen=True):
    """A message to be sent now, by which account; `known` are the messages that Twilio has told us of already.

    One that `is_stopped` is only looked for: its customer has said STOP since it was tried.
    """

    due: DueText
    contact: SmsContact
    is_stopped: bool
    account: Connected
    known: frozenset[str]


async def send_to_contact(services: Services, work: Work) -> None:
    """Send what is due for a contact, until nothing is, or an attempt fails."""
    contact_id = UUID(work.payload["contact_id"])
    for _ in range(MOST_AT_A_TIME):
        if work.stopping.is_set():
            break
        async with work.turns, services.database.transaction() as db:
            taken = await _take(db, services, work, contact_id)
        if taken is None:
            break
        outcome = await _attempt(services, taken)
        async with work.turns, services.database.transaction() as db:
            await record(db, services, taken.contact, taken.account, taken.due, outcome)
        if outcome.stops:
            break
    async with services.database.transaction() as db:
        await leave_queue(db, work.project_id, contact_id, work.id)


async def _take(db: Db, services: Services, work: Work, contact_id: UUID) -> TakenText | None:
    """Take a customer's queue and its first due message; None where there is none, or other work is at it."""
    now = services.clock.now()
    contact = await take_queue(db, work.project_id, contact_id, work.id, now)
    if contact is None:
        return None
    while due := await first_open_text(db, work.project_id, contact_id, now):
        account = await _account(db, services, contact)
        is_begun = due.state == "sending"  # what has been begun is looked for, whatever has happened since
        is_stopped = await has_opted_out(db, contact)
        if due.is_gone and not is_begun:
            await settle_one(db, services, due, "cancelled", "deleted")
        elif is_stopped and not is_begun:
            await settle_one(db, services, due, "failed", "opted_out")
        elif account is None:
            await settle_one(db, services, due, "failed", "not_known" if is_begun else "no_channel")
        else:
            await begin(db, due, now, now + LEASE)
            known = frozenset(await known_sids(db, work.project_id, contact_id))
            return TakenText(due, contact, is_stopped, account, known)
    return None


async def _account(db: Db, services: Services, contact: SmsContact) -> Connected | None:
    channel = await sms_channel_of_number(db, contact.project_id, contact.own_number)
    if channel is None:
        return None
    try:
        return await connected(db, services.vault, contact.project_id, channel.integration_id, KIND_NAME)
    except AppError:
        return None


async def _attempt(services: Services, taken: TakenText) -> TextOutcome:
    due = taken.due
    try:
        async with calls_of(services, taken.account) as calls:
            if due.state == "sending":
                found = await _found(calls, taken, due.begun_at or due.created_at)
                if found is not None:
                    return _sent(found)
            if due.is_gone:
                return TextOutcome(state="cancelled", reason="deleted")
            if taken.is_stopped:
                return TextOutcome(state="failed", reason="opted_out", detail=SENTENCES["opted_out"])
            callback = callback_url(services.settings.site_url, due.id)
            to, own = taken.contact.number, taken.contact.own_number
            return _sent(await calls.send_text(to=to, own_number=own, body=due.body, callback=callback))
    except Exception as error:
        return _outcome_of(error, is_begun=due.state == "sending")


async def _found(calls: TwilioCalls, taken: TakenText, since: datetime) -> TwilioMessage | None:
    """Return the message that an earlier attempt has left with Twilio: with the same words, and none that is known."""
    to, own = taken.contact.number, taken.contact.own_number
    for one in await calls.texts_since(to=to, own_number=own, at=since):
        if one.sid not in taken.known and one.body.strip() == taken.due.body.strip():
            return one
    return None


def _sent(message: TwilioMessage) -> TextOutcome:
    segments = str(message.num_segments or "")
    n = int(segments) if segments.isascii() and segments.isdigit() else None
    return TextOutcome(state="sent", sid=message.sid[:34], segments=n)


def _outcome_of(error: Exception, *, is_begun: bool) -> TextOutcome:
    """Say what a failed attempt means. What Twilio has refused, or never saw, can be sent again without a look."""
    if isinstance(error, UpstreamRateLimited):
        return TextOutcome(detail=error.detail, wait_s=error.wait_s, is_unknown=is_begun, stops=True)
    if isinstance(error, CredentialsRejected | NotPermitted):
        return TextOutcome(detail=sentence_of(20003), code=20003, is_unknown=is_begun, stops=True)
    if isinstance(error, UpstreamRefused):
        return _refused(error, is_begun=is_begun)
    if isinstance(error, Throttled):
        return TextOutcome(detail="Other messages go first.", wait_s=2, is_unknown=is_begun, stops=True)
    if isinstance(error, UpstreamFailed):
        return TextOutcome(detail=error.detail, is_unknown=True, stops=True)
    raise error


def _refused(error: UpstreamRefused, *, is_begun: bool) -> TextOutcome:
    try:
        said: Any = msgspec.json.decode(error.upstream_body, type=TwilioProblem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = TwilioProblem()
    if said.code in BUSY or error.upstream_status in (408, 409, 425):
        return TextOutcome(detail=sentence_of(said.code, said.message), is_unknown=is_begun, stops=True)
    return TextOutcome(
        state="failed",
        reason="refused",
        detail=sentence_of(said.code or error.upstream_status, said.message),
        code=said.code or None,
    )
