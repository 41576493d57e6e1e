"""Conversions are sent to LinkedIn's Conversions API (POST /rest/conversionEvents), and the log says what came of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, tuple_, update

from parley.integrations.connections.actions.renewing import used
from parley.integrations.connections.errors import UpstreamRateLimited, UpstreamRefused
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.upstream import UpstreamRequest, calls_to
from parley.integrations.linkedin_ads.reading import headers_for, linkedin
from parley.integrations.linkedin_ads.rules import KIND_NAME
from parley.integrations.linkedin_conversions.actions.collecting import SEND
from parley.integrations.linkedin_conversions.queries.conversions import (
    conversion_to_send,
    lost,
    outdated,
)
from parley.integrations.linkedin_conversions.rules import GIVEN_UP, GIVEN_UP_AFTER, KEPT_FOR, next_attempt
from parley.integrations.linkedin_conversions.schemas import ConversionToSend
from parley.integrations.linkedin_conversions.tables import MAX_ERROR, linkedin_conversion
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError
from parley.kernel.jobs import Work, enqueue
from parley.kernel.services import Services
from parley.kernel.text.forms import storable

PATH = "/rest/conversionEvents"
BATCH = 1000
c = linkedin_conversion.c


class Refusal(msgspec.Struct, frozen=True):
    """What LinkedIn says of a conversion that it doesn't take."""

    message: str = ""


class NoLongerWanted(Exception):
    """Its customer was erased meanwhile, or its rule is switched off."""


async def send(services: Services, work: Work) -> None:
    """Send one conversion, unless that is done. After a crash it may go out again, under the same `eventId`."""
    async with services.database.transaction(write=False) as db:
        one = await conversion_to_send(db, work.project_id, UUID(work.payload["id"]))
    if one is None:
        return
    wait_s = 0
    try:
        await _call(services, one)
        outcome: dict[str, Any] = {"state": "sent", "last_error": None}
    except NoLongerWanted:
        return
    except UpstreamRefused as error:
        outcome = {"state": "failed", "last_error": _said(error)}
    except AppError as error:
        outcome = {"last_error": error.detail}
        wait_s = error.wait_s if isinstance(error, UpstreamRateLimited) else 0
    async with services.database.transaction() as db:
        await _finish(db, one, outcome, services.clock.now(), wait_s)


async def _call(services: Services, one: ConversionToSend) -> None:
    async with services.database.transaction(write=False) as db:
        account = await connected(db, services.vault, one.project_id, one.integration_id, KIND_NAME)

    async def post(known: Connected) -> None:
        await _check_wanted(services, one)  # renewing a token may take long
        headers = headers_for(services.settings, known) | {"X-Restli-Protocol-Version": "2.0.0"}
        request = UpstreamRequest(path=PATH, method="POST", headers=headers, body=body_of(one))
        async with calls_to(services, linkedin(services.settings), one.project_id) as calls:
            await calls.send(request)

    await used(services, account, post)


async def _check_wanted(services: Services, one: ConversionToSend) -> None:
    async with services.database.transaction(write=False) as db:
        if await conversion_to_send(db, one.project_id, one.id) is None:
            raise NoLongerWanted


def body_of(one: ConversionToSend) -> bytes:
    """Return what LinkedIn gets: no address, only its hash; moments are in milliseconds."""
    body: dict[str, Any] = {
        "conversion": f"urn:lla:llaPartnerConversion:{one.conversion_rule_id}",
        "conversionHappenedAt": int(one.happened_at.timestamp() * 1000),
        "eventId": str(one.event_id),
        "user": {"userIds": [{"idType": "SHA256_EMAIL", "idValue": one.email_hash}]},
    }
    if one.amount is not None:
        body["conversionValue"] = {"currencyCode": one.currency, "amount": str(Decimal(one.amount))}
    return msgspec.json.encode(body)


def _said(error: UpstreamRefused) -> str:
    try:
        message = msgspec.json.decode(error.upstream_body, type=Refusal).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        message = ""
    return f"{error.detail} It said: {message}" if message else error.detail


async def _finish(db: Db, one: ConversionToSend, outcome: dict[str, Any], now: datetime, wait_s: int) -> None:
    """Note what came of an attempt, and have it repeated where that may help."""
    attempts = one.attempts + 1
    again = None if "state" in outcome else next_attempt(attempts, now, wait_s)
    if again is None:
        outcome = {"state": "failed", "finished_at": now, "email_hash": None, **outcome}
    error = outcome.get("last_error")
    values = {**outcome, "attempts": attempts, "next_at": again}
    values["last_error"] = storable(error)[:MAX_ERROR] if error else None
    mine = (c.project_id == one.project_id, c.id == one.id, c.state == "pending")
    await db.execute(update(linkedin_conversion).where(*mine).values(**values))
    if again is not None:
        payload = {"id": str(one.id)}
        await enqueue(db, SEND, payload, project_id=one.project_id, queue="outbound", not_before=again)


async def tidy(db: Db, now: datetime) -> int:
    """Delete what is kept for long enough, and end what nobody sends any more; return how many. Safe to run twice."""
    old = [tuple(row) for row in await outdated(db, now - KEPT_FOR, BATCH)]
    if old:
        await db.execute(delete(linkedin_conversion).where(tuple_(c.project_id, c.id).in_(old)))
    hung = [tuple(row) for row in await lost(db, now - GIVEN_UP_AFTER, BATCH)]
    if hung:
        over = {"state": "failed", "finished_at": now, "next_at": None, "email_hash": None}
        over["last_error"] = GIVEN_UP
        await db.execute(update(linkedin_conversion).where(tuple_(c.project_id, c.id).in_(hung)).values(over))
    return len(old) + len(hung)
