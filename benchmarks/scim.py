"""SCIM: an identity provider brings a whole company, one request after the other, and lists very many people."""

import asyncio
import statistics
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import insert, text, update

from benchmarks.aims import wanted
from benchmarks.programs import parley
from benchmarks.world import World, make_world
from parley.accounts.domains.tables import organization_domain
from parley.accounts.memberships.tables import membership
from parley.accounts.scim.tables import scim_user
from parley.accounts.users.tables import user_account
from parley.kernel.database.database import Database
from parley.kernel.ids import new_token, new_uuid

DOMAIN = "company.example.com"
GROUPS, IN_GROUP = 200, 50
LISTED, PAGE, LISTS = 50_000, 100, 101
CHUNK = 1000


class Provisioned(msgspec.Struct, frozen=True):
    """How long a full synchronisation took, and half of the lists and searches at most, in ms."""

    database: str
    people: int
    sync_s: float
    list_ms: float
    find_ms: float

    def figures(self) -> dict[str, float]:
        return {f"sync_{self.people}.s": self.sync_s, "list.ms": self.list_ms, "find.ms": self.find_ms}


def measure_scim(folder: Path, database_url: str | None, people: int) -> Provisioned:
    """Run Parley on a new database and let an identity provider make people and groups; then list among 50,000."""
    folder.mkdir(parents=True)
    url = database_url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, url, 1, agents=0)
    with parley(folder, database_url) as own:
        base, headers = _endpoint(own.address, world)
        with httpx.Client(base_url=own.address + base, headers=headers, timeout=60) as client:
            client.get("/Users", params={"filter": 'userName eq "x"'}).raise_for_status()
            sync_s = _synchronise(client, people)
            asyncio.run(_fill(world, UUID(base.rsplit("/", 1)[1]), LISTED - people))
            list_ms = _median_ms(client, {"count": PAGE})
            find_ms = _median_ms(client, {"filter": f'userName eq "{_address(people // 2)}"'})
    return Provisioned("sqlite" if database_url is None else "postgresql", people, sync_s, list_ms, find_ms)


def _endpoint(address: str, world: World) -> tuple[str, dict[str, str]]:
    """Claim a domain, count it as verified, and return the path of its endpoint with the token."""
    with httpx.Client(
        base_url=f"{address}/api/organizations/@current/domains", headers=world.headers
    ) as client:
        made = client.post("/", json={"domain": DOMAIN}).raise_for_status().json()
        asyncio.run(_verify(world, UUID(made["id"])))
        shown = client.patch(f"/{made['id']}/", json={"scim_enabled": True}).raise_for_status().json()
    return f"/scim/v2/{made['id']}", {"Authorization": f"Bearer {shown['scim_bearer_token']}"}


async def _verify(world: World, domain_id: UUID) -> None:
    database = Database.open(world.database_url)
    async with database.transaction() as db:
        mine = organization_domain.c.id == domain_id
        await db.execute(update(organization_domain).where(mine).values(verified_at=datetime.now(UTC)))
    await database.close()


def _address(number: int) -> str:
    return f"person{number}@{DOMAIN}"


def _synchronise(client: httpx.Client, people: int) -> float:
    """Look for each person and make them, then the groups; return how long it took."""
    began, ids = time.perf_counter(), []
    for number in range(people):
        address = _address(number)
        client.get("/Users", params={"filter": f'userName eq "{address}"'}).raise_for_status()
        body = {
            "userName": address,
            "externalId": f"00u{number}",
            "name": {"givenName": "Ada", "familyName": f"Lovelace {number}"},
            "emails": [{"value": address, "primary": True, "type": "work"}],
        }
        ids.append(client.post("/Users", json=body).raise_for_status().json()["id"])
    for number in range(GROUPS):
        name = f"Group {number}"
        client.get("/Groups", params={"filter": f'displayName eq "{name}"'}).raise_for_status()
        made = client.post("/Groups", json={"displayName": name}).raise_for_status().json()
        members = [{"value": ids[(number * IN_GROUP + n) % people]} for n in range(IN_GROUP)]
        change = {"op": "add", "path": "members", "value": members}
        client.patch(f"/Groups/{made['id']}", json={"Operations": [change]}).raise_for_status()
    return time.perf_counter() - began


async def _fill(world: World, domain_id: UUID, count: int) -> None:
    """Store more people who came through the domain, straight in the tables."""
    database, now = Database.open(world.database_url), datetime.now(UTC)
    async with database.transaction() as db:
        found = await db.execute(organization_domain.select().where(organization_domain.c.id == domain_id))
        organization_id = found.one().organization_id
        for begin in range(0, count, CHUNK):
            users = [_user(number, now) for number in range(begin, min(count, begin + CHUNK))]
            made = await db.execute(insert(user_account).returning(user_account.c.id), users)
            ids = list(made.scalars())
            await db.execute(insert(membership), [_member(id, organization_id, now) for id in ids])
            rows = [
                {"domain_id": domain_id, "user_id": id, "is_active": True, "provisioned_at": now}
                for id in ids
            ]
            await db.execute(insert(scim_user), rows)
        await db.execute(text("ANALYZE"))  # as PostgreSQL does by itself within a minute
    await database.close()


def _user(number: int, now: datetime) -> dict[str, object]:
    names = {"first_name": "Grace", "last_name": f"Hopper {number}", "password_hash": "!"}
    identity = {"uuid": new_uuid(), "email": f"more{number}@{DOMAIN}", "distinct_id": new_token()}
    return {**names, **identity, "created_at": now}


def _member(user_id: int, organization_id: UUID, now: datetime) -> dict[str, object]:
    moments = {"joined_at": now, "updated_at": now}
    return {"id": new_uuid(), "organization_id": organization_id, "user_id": user_id, "level": 1, **moments}


def _median_ms(client: httpx.Client, query: Mapping[str, str | int]) -> float:
    times = []
    for number in range(LISTS):
        start = 1 + number * (LISTED // LISTS)
        asked = {**query, "startIndex": start} if "count" in query else query
        began = time.perf_counter()
        client.get("/Users", params=asked).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def scim_line(done: Provisioned) -> str:
    """Return how soon an identity provider has brought a company, and how long its lists take."""
    return (
        f"SCIM, {done.database}: {done.people} people and 200 groups, one request after the other, after "
        f"**{done.sync_s:.0f} s** ({wanted(f'scim.sync_{done.people}.s')}). Among 50,000 people p50 of a list of "
        f"100 **{done.list_ms:.1f} ms** ({wanted('scim.list.ms')}), of one found by userName {done.find_ms:.1f} ms."
    )
