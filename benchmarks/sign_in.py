"""How long the sign-in page waits: for what the domain of an address says, and for a password."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
from sqlalchemy import insert, select

from benchmarks.aims import wanted
from benchmarks.latency import Step, p50_of, waits_ms
from benchmarks.load import Ask
from benchmarks.programs import parley
from benchmarks.unlocking import bare_hash_ms
from benchmarks.world import EMAIL, PASSWORD, make_world
from parley.accounts.domains.tables import organization_domain
from parley.accounts.organizations.tables import organization
from parley.kernel.database.database import Database
from parley.kernel.ids import new_uuid

DOMAINS, ROUNDS, SIGN_INS, LONGEST_S = 10_000, 500, 30, 60.0


class SignInTimes(msgspec.Struct, frozen=True):
    """Milliseconds, p50 of one client that waits; `bare_ms` is the processor time of one hash of a password."""

    database: str
    precheck_ms: float
    unknown_ms: float
    password_ms: float
    bare_ms: float

    def figures(self) -> dict[str, float]:
        return {"precheck.ms": max(self.precheck_ms, self.unknown_ms), "password.ms": self.password_ms}


def measure_sign_in(folder: Path, url: str | None) -> SignInTimes:
    """Ask about addresses in one of many verified domains and in none, and sign in with a password."""
    folder.mkdir(parents=True)
    database = url or f"sqlite:///{folder}/parley.sqlite3"
    make_world(folder, database, 1, agents=0)
    asyncio.run(_add_domains(database))
    with parley(folder, url) as own:
        waits = {
            place: p50_of(waits_ms(own.address, JSON, [_precheck(place)] * ROUNDS, LONGEST_S))
            for place in (_name(DOMAINS // 2), "nowhere.example")
        }
        with httpx.Client(base_url=own.address) as client:
            body = {"email": EMAIL, "password": PASSWORD}
            took = [client.post("/api/login", json=body).raise_for_status().elapsed for _ in range(SIGN_INS)]
    known_ms, unknown_ms = waits.values()
    password_ms = p50_of([one.total_seconds() * 1000 for one in took])
    return SignInTimes(database.split(":", 1)[0], known_ms, unknown_ms, password_ms, bare_hash_ms())


JSON = {"Content-Type": "application/json"}


def _precheck(domain: str) -> Step:
    return Step(Ask("POST", "/api/login/precheck", json.dumps({"email": f"ada@{domain}"})))


def _name(number: int) -> str:
    return f"domain-{number}.example"


async def _add_domains(url: str) -> None:
    database, now = Database.open(url), datetime.now(UTC)
    async with database.transaction() as db:
        organization_id = (await db.execute(select(organization.c.id).limit(1))).scalar_one()
        rows = [
            {
                "id": new_uuid(),
                "organization_id": organization_id,
                "domain": _name(number),
                "verification_challenge": "x",
                "verified_at": now,
                "last_verification_retry": now,
                "created_at": now,
            }
            for number in range(DOMAINS)
        ]
        await db.execute(insert(organization_domain), rows)
    await database.close()


def sign_in_line(done: SignInTimes) -> str:
    """Return how long the sign-in page waits."""
    return (
        f"Sign-in, {done.database}, {DOMAINS:,} verified domains: the precheck answers after "
        f"**{done.precheck_ms:.1f} ms** "
        f"for an address in one of them, {done.unknown_ms:.1f} ms for one in none (p50, "
        f"{wanted('sign_in.precheck.ms')}). A sign-in with a "
        f"password takes {done.password_ms:.0f} ms; one hash alone is {done.bare_ms:.0f} ms of processor time.\n"
    )
