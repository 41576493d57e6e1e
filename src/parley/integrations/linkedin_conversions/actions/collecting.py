"""What has happened becomes conversions that wait to be sent: each once, however often it is looked at."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

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
c = linkedin_conversion.c


async def collect_all(services: Services) -> int:
    """Make the conversions of every rule, one rule after the other; return how many. Safe to run twice."""
    async with services.database.transaction(write=False) as db:
        rules = await active_rules(db)
    n_made = 0
    for rule in rules:
        async with services.database.transaction() as db:
            n_made += await collect(db, rule, services.clock.now())
    return n_made


async def collect(db: Db, rule: ActiveRule, now: datetime) -> int:
    """Make the conversions of what happened since the rule was last looked at; return how many."""
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
    looked = max(goes_to or now, rule.looked_until)
    await db.execute(update(linkedin_conversion_rule).where(*mine).values(looked_until=looked))
    return len(made)


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
