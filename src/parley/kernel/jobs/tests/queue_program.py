"""A program with background work that the tests start, kill and start again.

Its handlers and its job write rows to `effect`, its work
appends to `effects.txt`. Sleeps stand where a real one would take a while, so that a kill hits the middle.
"""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from parley.kernel.clock import Clock, SystemClock
from parley.kernel.config.settings import Settings
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import (
    Event,
    Queue,
    Registry,
    Work,
    job_schedule,
    outbox,
)
from parley.kernel.redis.cache import open_cache
from parley.kernel.redis.live import Live
from parley.kernel.secrets import Vault
from parley.kernel.services import Services

own_metadata = MetaData()
# Without a unique key: what happens twice is there twice.
effect = Table("effect", own_metadata, Column("who", String(20)), Column("number", Integer))
registry = Registry()


@registry.on("thing.happened", "things.note")
async def note(db: Db, _: Services, event: Event) -> None:
    await db.execute(insert(effect).values(who="note", number=event.payload["number"]))
    await asyncio.sleep(0.001)


@registry.on("thing.happened", "things.copy")
async def copy(db: Db, _: Services, event: Event) -> None:
    await db.execute(insert(effect).values(who="copy", number=event.payload["number"]))


@registry.work("things.tell")
async def tell(services: Services, work: Work) -> None:
    with (services.settings.data_dir / "effects.txt").open("a") as file:
        file.write(f"{work.payload['number']}\n")
    await asyncio.sleep(0.005)
    while work.payload.get("wait") and not (services.settings.data_dir / "go").exists():
        await asyncio.sleep(0.01)
    with (services.settings.data_dir / "ended.txt").open("a") as file:
        file.write(f"{work.id}\n")


@registry.job("things.count", every=timedelta(days=1))
async def count(db: Db, _: Services) -> int:
    await db.execute(insert(effect).values(who="count", number=0))
    return 1


async def make_tables(database: Database) -> None:
    async with database.transaction() as db:
        for table in (outbox, job_schedule, effect):
            await db.connection.run_sync(table.create)


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=url, secret_key="k" * 32)


def services_for(database: Database, url: str, folder: Path, clock: Clock) -> Services:
    settings = settings_for(url, folder)
    vault = Vault(settings.secret_key)
    return Services(
        settings=settings, database=database, cache=open_cache(None), live=Live(), clock=clock, vault=vault
    )


async def main(url: str, folder: Path) -> None:
    database = Database.open(url)
    services = services_for(database, url, folder, SystemClock())
    queue = Queue(services, registry=registry, lease_s=1, drain_s=0.3)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await queue.start()
    await stop.wait()
    await queue.stop()
    await database.close()


def run(url: str, folder: Path) -> None:
    """Run until SIGTERM."""
    asyncio.run(main(url, folder))
