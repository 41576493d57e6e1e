"""The audit log of a large organization: how long a page of it takes, and a search in all of it."""

import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import insert, select, text

from benchmarks.figures import slug
from benchmarks.programs import parley
from benchmarks.world import World, make_world
from parley.accounts.audit_log.rules import search_id_of
from parley.accounts.audit_log.tables import audit_entry, audit_search_text
from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.ids import new_uuid
from parley.kernel.text.forms import folded

ENTRIES, PEOPLE, PLACES, THINGS, CHUNK, TRIES = 500_000, 400, 3, 20_000, 5000, 9
NOBODY = "no such text"
SEARCHES = {
    "without a search": "",
    "what nothing holds": NOBODY,
    "one thing": "thing 12345",
    "one person": "person 17@",
    "what everything holds": "@company.example.com",
}


class AuditLogTimes(msgspec.Struct, frozen=True):
    """Milliseconds of one client that waits, p50 by what is searched for."""

    database: str
    waits_ms: dict[str, float]

    def figures(self) -> dict[str, float]:
        return {f"{slug(name)}.ms": wait for name, wait in self.waits_ms.items()}


def measure_audit_log(folder: Path, database_url: str | None) -> AuditLogTimes:
    """Fill the audit log of an organization and search in it, with exact counts."""
    folder.mkdir(parents=True)
    url = database_url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, url, 1, agents=0)
    asyncio.run(_fill(world, url))
    with parley(folder, database_url) as own:
        waits = {name: _median_ms(own.address, world, search) for name, search in SEARCHES.items()}
    return AuditLogTimes("sqlite" if database_url is None else "postgresql", waits)


async def _fill(world: World, url: str) -> None:
    """Store entries straight in the tables: two of three are sign-ins, the others are about one of many things."""
    database, chance = Database.open(url), random.Random(1)
    async with database.transaction() as db:
        mine = select(project.c.organization_id).where(project.c.id == world.project_id)
        organization_id = (await db.execute(mine)).scalars().one()
        texts: Counter[str] = Counter()
        for begin in range(0, ENTRIES, CHUNK):
            rows = list(_rows(organization_id, range(begin, begin + CHUNK), chance))
            texts.update(one["search_text"] for one in rows)
            await db.execute(insert(audit_entry), rows)
        now = datetime.now(UTC)
        kept = [
            {
                "organization_id": organization_id,
                "id": search_id_of(one),
                "text": one,
                "last_used_at": now,
                "n_entries": count,
            }
            for one, count in texts.items()
        ]
        await db.execute(insert(audit_search_text), kept)
        await db.execute(text("ANALYZE"))
    await database.close()


def _rows(organization_id: UUID, numbers: range, chance: random.Random) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    for number in numbers:
        person = chance.randrange(PEOPLE)
        name, email = f"Person {person}", f"person {person}@company.example.com"
        is_sign_in = number % 3 > 0
        target = name if is_sign_in else f"Thing {chance.randrange(THINGS)}"
        address = f"192.0.2.{(person * PLACES + chance.randrange(PLACES)) % 256}"
        searched = folded("\n".join((name, email, target, address)))
        yield {
            "organization_id": organization_id, "id": new_uuid(), "user_id": person, "user_name": name, "user_email": email,
            "created_at": now - timedelta(minutes=ENTRIES - number), "target_name": target, "address": address,
            "action": "sign_in.succeeded" if is_sign_in else "share.enabled", "target_id": str(number),
            "target_type": "user" if is_sign_in else "insight", "user_agent": "Mozilla/5.0 " * 9,
            "after": {"method": "password"}, "search_text": searched, "search_id": search_id_of(searched),
        }  # fmt: skip


def _median_ms(address: str, world: World, search: str) -> float:
    path, waits = f"{address}/api/organizations/@current/audit_log/", []
    with httpx.Client(headers=world.headers, timeout=60) as client:
        for _ in range(TRIES):
            began = time.perf_counter()
            client.get(path, params={"search": search} if search else {}).raise_for_status()
            waits.append((time.perf_counter() - began) * 1000)
    return statistics.median(waits)


def audit_log_line(found: AuditLogTimes) -> str:
    """Return what each search takes."""
    said = "; ".join(f"{name} **{ms:.0f} ms**" for name, ms in found.waits_ms.items())
    return f"Audit log of {ENTRIES} entries, {found.database}, p50 of a page with its exact count: {said}."
