"""How long a suggested reply takes without a model, over a project of many resolved tickets."""

import asyncio
import random
import statistics
from collections.abc import Iterator

import msgspec
from sqlalchemy import update

from benchmarks.latency import Client, Step, p95_of, waits_ms
from benchmarks.load import Ask
from benchmarks.throughput import Place
from benchmarks.words import SEED
from benchmarks.world import tickets_of
from parley.kernel.database.database import Database
from parley.knowledge.suggested_replies.actions.indexing import index_older
from parley.knowledge.suggested_replies.tables import answer_index_progress

ASKED = 300


class Suggested(msgspec.Struct, frozen=True):
    """The wait for each suggestion, and for how many there was one."""

    resolved: int
    p50_ms: float
    p95_ms: float
    found: int

    def figures(self) -> dict[str, float]:
        return {f"suggest_{self.resolved}.ms": self.p50_ms, f"suggest_p95_{self.resolved}.ms": self.p95_ms}


def index_world(database_url: str, project_id: int) -> None:
    """Index the tickets of a project as the background work does."""

    async def index() -> None:
        database = Database.open(database_url)
        async with database.transaction() as db:
            await db.execute(update(answer_index_progress).values(number=0))
        is_behind = True
        while is_behind:
            async with database.transaction() as db:
                is_behind = await index_older(db, project_id)
        await database.close()

    asyncio.run(index())


def measure_suggestions(place: Place, resolved: int) -> Suggested:
    """Ask for suggestions for many tickets, one after the other, each once."""
    numbers = random.Random(SEED).sample(range(1, place.world.tickets + 1), ASKED)
    asks = [
        Ask("POST", f"{place.world.tickets_path}{ticket.id}/suggest_reply/")
        for ticket in tickets_of(place.world, numbers)
    ]
    with Client(place.address, place.world.headers) as client:
        found = sum(b'"suggestion":""' not in client.answer(ask).replace(b": ", b":") for ask in asks[:50])

    def steps() -> Iterator[Step]:
        yield from map(Step, asks[50:])

    waits = waits_ms(place.address, place.world.headers, steps(), 120)
    return Suggested(resolved, statistics.median(waits), p95_of(waits), found)
