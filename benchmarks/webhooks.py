"""Webhooks a second: to one endpoint, to several, beside endpoints that hang, and beside mails that hang."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from benchmarks.figures import slug
from benchmarks.processes import cpu_seconds
from benchmarks.programs import Program, parley, receiver
from benchmarks.world import World, make_world
from parley.kernel.database.database import Database
from parley.kernel.jobs import emit_all
from tests.servers import free_port

EVENT = "$conversation_message_received"
TICKETS = 50
TIMEOUT_S = 120.0
POLL_S = 0.02


class Sent(msgspec.Struct, frozen=True):
    """How many deliveries of one run came within how many seconds, from the commit that caused them."""

    title: str
    endpoints: int
    deliveries: int
    came: int
    seconds: float
    reversed: int
    repeated: int
    connections: int
    cpu_s: float

    @property
    def per_second(self) -> float:
        return self.came / self.seconds

    @property
    def cpu_ms(self) -> float:
        """The server's processor time for each."""
        return 1000 * self.cpu_s / max(1, self.came)


def webhook_figures(found: Sequence[Sent]) -> dict[str, float]:
    """Return the rates of the cases, and what went wrong in all of them together."""
    rates = {
        f"{slug(one.title)}_{one.deliveries // one.endpoints}.per_second": one.per_second for one in found
    }
    return {
        **rates,
        "lost.count": sum(one.deliveries - one.came for one in found),
        "repeated.count": sum(one.repeated for one in found),
        "reversed.count": sum(one.reversed for one in found),
    }


async def hung_up_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a connection as a mail server that hangs does: without a word."""
    with suppress(asyncio.CancelledError):
        await reader.read()
    writer.close()


def measure_webhooks(folder: Path, database_url: str | None, events: int) -> list[Sent]:
    """Run Parley on a new database and measure each case in a project of its own."""
    port, mail_port = free_port(), free_port()
    settings = {
        "PARLEY_ALLOWED_HOSTS_OUT": f"127.0.0.1:{port}",
        "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
    }
    folder.mkdir(parents=True)
    url = database_url or f"sqlite:///{folder}/parley.sqlite3"
    world = make_world(folder, url, 1, agents=0)
    with receiver(folder, port) as fast, parley(folder, database_url, settings=settings) as own:
        return asyncio.run(_measure(own, fast.address, url, world, mail_port, events))


async def _measure(
    own: Program, receiver: str, url: str, world: World, mail_port: int, events: int
) -> list[Sent]:
    database = Database.open(url)
    mails = await asyncio.start_server(hung_up_on, "127.0.0.1", mail_port)
    async with httpx.AsyncClient(base_url=own.address, headers=world.headers) as api:
        bench = Bench(api, receiver, database, world, own.process.pid)
        try:
            found = [
                await bench.case("one endpoint", ["/one"], events),
                await bench.case("five endpoints", [f"/five-{n}" for n in range(5)], events),
                await bench.case("one, beside three that hang", ["/beside"], events // 4, slow=3),
            ]
            await bench.hang_mails(10)
            found.append(await bench.case("one, beside ten mails that hang", ["/mails"], events // 4))
        finally:
            mails.close()
            await database.close()
    return found


class Bench:
    """A running Parley, its receiver, and what causes webhooks."""

    def __init__(
        self, api: httpx.AsyncClient, receiver: str, database: Database, world: World, pid: int
    ) -> None:
        self.api = api
        self.receiver = receiver
        self.database = database
        self.world = world
        self.pid = pid
        self.path = f"/api/projects/{world.project_id}/webhooks/"

    async def case(self, title: str, paths: Sequence[str], events: int, *, slow: int = 0) -> Sent:
        """Make the endpoints, let things happen, and wait until all has come; then remove the endpoints."""
        made = [await self._endpoint(path) for path in [*paths, *["/slow"] * slow]]
        started, worked = time.perf_counter(), cpu_seconds(self.pid)
        await self._happen(events)
        came = await self._await_all(paths, events * len(paths), started)
        worked = cpu_seconds(self.pid) - worked
        for id in made:
            (await self.api.delete(f"{self.path}{id}/")).raise_for_status()
        counts = await self._counts(paths)
        totals = {name: sum(one[name] for one in counts) for name in ("reversed", "repeated", "connections")}
        return Sent(title, len(paths), events * len(paths), came[0], came[1], cpu_s=worked, **totals)

    async def hang_mails(self, count: int) -> None:
        """Have so many mails sent, to a server that takes connections and says nothing."""
        for number in range(count):
            body = {"email": f"guest-{number}@example.com"}
            path = "/api/organizations/@current/invites/"
            (await self.api.post(path, json={"target_email": body["email"]})).raise_for_status()

    async def _endpoint(self, path: str) -> str:
        answer = await self.api.post(self.path, json={"url": self.receiver + path})
        id: str = answer.raise_for_status().json()["id"]
        return id

    async def _happen(self, events: int) -> None:
        """Emit the events as a request does, a hundred in a transaction."""
        for start in range(0, events, 100):
            some = [self._event(place) for place in range(start, min(start + 100, events))]
            async with self.database.transaction() as db:
                await emit_all(
                    db, "project.event_captured", [(self.world.project_id, event) for event in some]
                )

    def _event(self, place: int) -> dict[str, Any]:
        ticket = f"00000000-0000-4000-8000-{place % TICKETS:012}"
        properties = {"ticket_id": ticket, "place": place, "message_content": "How do I prune it? " * 10}
        return {
            "event": EVENT,
            "distinct_id": "ada",
            "properties": properties,
            "timestamp": "2026-01-05T12:00:00Z",
            "uuid": str(uuid4()),
        }

    async def _await_all(self, paths: Sequence[str], expected: int, started: float) -> tuple[int, float]:
        """Return how many came and after how many seconds the last of them did."""
        came, at = 0, started + 1e-9
        while time.perf_counter() - started < TIMEOUT_S:
            now = sum(one["came"] for one in await self._counts(paths))
            if now != came:
                came, at = now, time.perf_counter()
            if came >= expected:
                break
            await asyncio.sleep(POLL_S)
        return came, at - started

    async def _counts(self, paths: Sequence[str]) -> list[dict[str, int]]:
        async with httpx.AsyncClient() as client:
            counts = (await client.get(f"{self.receiver}/counts")).json()
        return [counts[path] for path in paths if path in counts]
