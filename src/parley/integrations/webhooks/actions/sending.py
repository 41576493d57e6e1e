"""Sending: batches of one endpoint, attempted side by side and recorded together."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, and_, bindparam, update

from parley.integrations.webhooks import rules
from parley.integrations.webhooks.actions.delivery_queue import release, take_batch
from parley.integrations.webhooks.actions.listening import note_listening
from parley.integrations.webhooks.queries.endpoints import endpoint_key, endpoint_locked
from parley.integrations.webhooks.rules import Outcome
from parley.integrations.webhooks.schemas import Batch, DueDelivery
from parley.integrations.webhooks.tables import PENDING, webhook_delivery, webhook_endpoint
from parley.kernel.clock import Clock
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import Work
from parley.kernel.network.addresses import AddressRefused
from parley.kernel.network.outbound import CallFailed, Outbound, OutgoingRequest, Reply, Session
from parley.kernel.network.webhook_messages import EXCERPT_LENGTH, excerpt_of, signed_headers, wish_of
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

GONE_REASON = "The endpoint answered 410 Gone."
RUN_S = 20.0
"""How long one piece of work sends batch after batch. Then it ends, so that a name is looked up again."""
BATCH_S = 2.0
"""After this time a batch begins no more attempts, so that what came of it is recorded."""
LAST_S = 1.0
"""How long attempts may go on when the process is told to stop."""
PATIENCE_S = 20.0
"""How long it tries to record a batch while the database can't store."""

Outcomes = dict[UUID, Outcome]
_ATTEMPT = ("state", "attempts", "last_status", "last_error", "response_excerpt", "next_at", "finished_at")
c = webhook_delivery.c
# Somebody else may have recorded this attempt, if this process seemed dead.
_RECORD = Prepared(
    update(webhook_delivery)
    .where(
        c.project_id == bindparam("in_project", type_=c.project_id.type),
        c.id == bindparam("of", type_=c.id.type),
        PENDING,
        c.attempts == bindparam("before", type_=c.attempts.type),
    )
    .values({name: bindparam(f"new_{name}", type_=c[name].type) for name in _ATTEMPT})
)


async def send_due(services: Services, work: Work) -> None:
    """Send what is due for an endpoint, batch after batch, on connections that are kept meanwhile."""
    until = monotonic() + RUN_S
    run = Run(services, work)
    async with Outbound(services.settings.allowed_hosts_out).session() as session:
        sending = await run.next(None, {}, is_over=False)
        while sending is not None:
            outcomes = await send_batch(session, services.clock, sending, work.stopping)
            is_over = work.stopping.is_set() or monotonic() > until
            sending = await run.next(sending, outcomes, is_over=is_over)


class Run:
    """One piece of work, from batch to batch."""

    def __init__(self, services: Services, work: Work) -> None:
        self._services = services
        self._work = work
        self._endpoint_id = UUID(work.payload["endpoint_id"])

    async def next(self, sent: Batch | None, outcomes: Outcomes, *, is_over: bool) -> Batch | None:
        """Record a batch and take the next one; None when there is none, or the run is over."""
        until = monotonic() + PATIENCE_S
        while True:
            try:
                return await self._step(sent, outcomes, is_over=is_over)
            except Unavailable:
                # What was sent would be sent again. It is tried until others may take the endpoint for forgotten.
                if sent is None or monotonic() > until:
                    raise
            await asyncio.sleep(0.5)

    async def _step(self, sent: Batch | None, outcomes: Outcomes, *, is_over: bool) -> Batch | None:
        project_id, id, now = self._work.project_id, self._work.id, self._services.clock.now()
        async with self._work.turns, self._services.database.transaction() as db:
            if sent is not None:
                await record_batch(db, self._services, sent, outcomes)
            if is_over:
                await release(db, project_id, self._endpoint_id, id, now)
                return None
            return await take_batch(db, self._services.vault, project_id, self._endpoint_id, id, now)


async def send_batch(session: Session, clock: Clock, sending: Batch, stopping: asyncio.Event) -> Outcomes:
    """Attempt the deliveries of a batch, several tickets side by side and each ticket's in order; never raises.

    After a failure, and after some time, no more attempts begin: those are left out of what is returned.
    """
    batch = _Batch(session, clock, sending)
    by_ticket = rules.in_order(sending.deliveries)
    tasks = [
        asyncio.create_task(batch.work_off(by_ticket))
        for _ in range(min(rules.AT_ONCE, len(sending.deliveries)))
    ]
    stopped = asyncio.create_task(stopping.wait())
    try:
        left = set(tasks)
        while left and not stopped.done():
            done, _ = await asyncio.wait({*left, stopped}, return_when=asyncio.FIRST_COMPLETED)
            left -= done
        batch.is_over = True
        if left:
            await asyncio.wait(left, timeout=LAST_S)
    finally:
        for task in (*tasks, stopped):
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)
    return batch.outcomes


class _Batch:
    def __init__(self, session: Session, clock: Clock, sending: Batch) -> None:
        self.outcomes: Outcomes = {}
        self.is_over = False
        self._session = session
        self._clock = clock
        self._sending = sending
        self._until = monotonic() + BATCH_S

    async def work_off(self, by_ticket: Iterator[Sequence[DueDelivery]]) -> None:
        """Attempt one ticket's deliveries after the other's, until there are none left or the batch is over."""
        for deliveries in by_ticket:
            for due in deliveries:
                if self.is_over or monotonic() > self._until:
                    return
                outcome = await _attempt(self._session, self._clock, self._sending, due)
                self.outcomes[due.id] = outcome
                if not outcome.is_delivered:
                    self.is_over = True
                    return


async def _attempt(session: Session, clock: Clock, sending: Batch, due: DueDelivery) -> Outcome:
    now = clock.now()
    signed = signed_headers(sending.secrets, str(due.event_id), now, due.payload)
    request = OutgoingRequest(
        url=sending.url,
        headers={"Content-Type": "application/json", **signed},
        body=due.payload.encode(),
        timeout_s=rules.TIMEOUT_S,
        most_bytes=EXCERPT_LENGTH * 4,
    )
    try:
        return _outcome_of(await session.send(request), now)
    except (AddressRefused, CallFailed) as error:
        return Outcome(error=str(error)[:500])
    except Exception as error:
        log.exception("webhook_attempt_failed")
        return Outcome(error=f"The attempt failed: {type(error).__name__}.")


def _outcome_of(reply: Reply, now: datetime) -> Outcome:
    excerpt = excerpt_of(reply.body)
    if 200 <= reply.status < 300:
        return Outcome(status=reply.status, excerpt=excerpt)
    error = f"The endpoint answered with status {reply.status}."
    if 300 <= reply.status < 400:
        error += " Redirects are not followed."
    wish = wish_of(reply.headers, now)
    return Outcome(status=reply.status, error=error, excerpt=excerpt, retry_after=wish)


async def record_batch(db: Db, services: Services, sending: Batch, outcomes: Mapping[UUID, Outcome]) -> None:
    """Note what a batch came to, at the deliveries and at the endpoint."""
    row = await endpoint_locked(db, sending.project_id, sending.endpoint_id)
    if row is None or not outcomes:
        return  # it was deleted meanwhile, with its deliveries
    now = services.clock.now()
    attempted = [(due, outcomes[due.id]) for due in sending.deliveries if due.id in outcomes]
    await db.each(_RECORD, [_record(sending.project_id, due, outcome, now) for due, outcome in attempted])
    await _judge(db, services, row, list(outcomes.values()))


def _record(project_id: int, due: DueDelivery, outcome: Outcome, now: datetime) -> dict[str, Any]:
    attempts, again = due.attempts + 1, None
    if not (outcome.is_delivered or outcome.is_gone):
        again = rules.next_attempt(attempts, now, outcome.retry_after)
    return {
        "in_project": project_id,
        "of": due.id,
        "before": due.attempts,
        "new_state": "delivered" if outcome.is_delivered else "pending" if again else "failed",
        "new_attempts": attempts,
        "new_last_status": outcome.status,
        "new_last_error": outcome.error,
        "new_response_excerpt": outcome.excerpt,
        "new_next_at": again,
        "new_finished_at": None if again else now,
    }


async def _judge(db: Db, services: Services, row: Row[Any], outcomes: Sequence[Outcome]) -> None:
    """Let the endpoint rest after failures in a row, or as it asked; switch it off when it is gone."""
    now = services.clock.now()
    failures = rules.failures_after(row.failure_count, outcomes)
    values: dict[str, Any] = {"failure_count": failures, "paused_until": None}
    if failures == 0:
        values["last_success_at"] = now
    if not all(outcome.is_delivered for outcome in outcomes):
        values["last_failure_at"] = now
    pauses = [outcome.retry_after for outcome in outcomes if outcome.retry_after]
    pauses += [pause for pause in (rules.pause_after(failures),) if pause]
    if pauses:
        values["paused_until"] = now + max(pauses)
    if any(outcome.is_gone for outcome in outcomes):
        values |= {"enabled": False, "disabled_reason": GONE_REASON}
    await db.execute(update(webhook_endpoint).where(endpoint_key(row.project_id, row.id)).values(**values))
    if "enabled" in values:
        await note_listening(db, services, row.project_id)
    if failures == 0 and rules.is_probing(row.failure_count):
        await _retry_all(db, row, now)


async def _retry_all(db: Db, row: Row[Any], now: datetime) -> None:
    """Have everything sent that waits for an endpoint which is back, the oldest first."""
    waiting = and_(c.project_id == row.project_id, c.endpoint_id == row.id, PENDING, c.next_at > now)
    await db.execute(update(webhook_delivery).where(waiting).values(next_at=now))
