"""What has happened becomes conversions that wait to be sent: each once, however often it is looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import update

from parley.integrations.linkedin_conversions.queries.happenings import addresses, happenings
from parley.integrations.linkedin_conversions.queries.rules import active_rules
from parley.integrations.linkedin_conversions.rules import NO_ADDRESS, OVERLAP, Happening, email_hash
from parley.integrations.linkedin_conversions.schemas import ActiveRule
from parley.integrations.linkedin_conversions.tables import linkedin_conversion, linkedin_conversion_rule
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

SEND = "linkedin_conversions.send"
MOST_READS = 10
"""Of one rule in a minute, before the others have their turn."""
c = linkedin_conversion.c


async def collect_all(services: Services) -> int:
    """Make the conversions of every rule, one rule after the other; return how many. Safe to run twice.

    Where one rule fails, all others are looked at before its error is raised.
    """
    async with services.database.transaction(write=False) as db:
        rules = await active_rules(db)
    n_made, failed = 0, None
    for rule in rules:
        try:
            n_made += await _collect_much(services, rule)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return n_made


async def _collect_much(services: Services, rule: ActiveRule) -> int:
    """Make the conversions of a rule until nothing is left, or it has had its share; return how many."""
    n_made = 0
    for _ in range(MOST_READS):
        async with services.database.transaction() as db:
            n_more, looked_until = await collect(db, rule, services.clock.now())
        n_made += n_more
        if looked_until is None:
            break
        rule = structs.replace(rule, looked_until=looked_until)
    return n_made


async def collect(db: Db, rule: ActiveRule, now: datetime) -> tuple[int, datetime | None]:
    """Make the conversions of what happened since the rule was last looked at.

    Return how many, and up to when it was looked where there is more.
    """
    since = max(rule.looked_until - OVERLAP, rule.created_at)
    found, goes_to = await happenings(db, rule, since, now)
    known = await addresses(db, rule.project_id, found)
    made = await _store(db, rule, found, known, now)
    for conversion_id in made:
        await enqueue(db, SEND, {"id": str(conversion_id)}, project_id=rule.project_id, queue="outbound")
    mine = (
        linkedin_conversion_rule.c.project_id == rule.project_id,
        linkedin_conversion_rule.c.id == rule.id,
    )
    # Where there is more, the next look begins there: going back from it would find the same again, without end.
    looked = goes_to + OVERLAP if goes_to else now
    await db.execute(update(linkedin_conversion_rule).where(*mine).values(looked_until=looked))
    return len(made), looked if goes_to else None


async def _store(
    db: Db, rule: ActiveRule, found: Sequence[Happening], known: Mapping[UUID, str], now: datetime
) -> Sequence[UUID]:
    """Store what is new; return what is to be sent of it. Without an address the log says so."""
    if not found:
        return ()
    rows = [_row(rule, one, known.get(one.event_id), now) for one in found]
    statement = insert_for(db.dialect, linkedin_conversion).values(rows)
    statement = statement.on_conflict_do_nothing(index_elements=["project_id", "rule_id", "event_id"])
    stored = await db.execute(statement.returning(c.id, c.state))
    return [row.id for row in stored if row.state == "pending"]


def _row(rule: ActiveRule, one: Happening, email: str | None, now: datetime) -> dict[str, Any]:
    return {
        "project_id": rule.project_id,
        "id": new_uuid(),
        "rule_id": rule.id,
        "event_id": one.event_id,
        "ticket_id": one.ticket_id,
        "happened_at": one.happened_at,
        "email_hash": email_hash(email) if email else None,
        "state": "pending" if email else "skipped",
        "attempts": 0,
        "last_error": None if email else NO_ADDRESS,
        "next_at": now if email else None,
        "created_at": now,
        "finished_at": None if email else now,
    }
