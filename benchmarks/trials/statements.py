"""`python -m benchmarks.trials.statements`: one SELECT as `Prepared` and through SQLAlchemy, on both databases."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from benchmarks.trials import Call, compare
from parley.conversations.tickets.tables import ticket
from parley.kernel.config.settings import Settings
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.migrations.runner import upgrade
from tests.servers import start_postgres

COLUMNS = (ticket.c.id, ticket.c.number, ticket.c.status, ticket.c.created_at, ticket.c.anonymous_traits)
ID = UUID(int=7)


def _select(project_id: Any, ticket_id: Any) -> Select[Any]:
    return select(*COLUMNS).where(
        ticket.c.project_id == project_id, ticket.c.id == ticket_id, ticket.c.deleted_at.is_(None)
    )


KEPT = _select(bindparam("project_id"), bindparam("ticket_id"))
PREPARED = Prepared(KEPT)


def calls(db: Db) -> dict[str, Call]:
    values = {"project_id": 1, "ticket_id": ID}
    return {
        "Prepared": lambda: db.row(PREPARED, **values),
        "SQLAlchemy, the statement built once": lambda: db.execute(KEPT, values),
        "SQLAlchemy, built at each call": lambda: db.execute(_select(1, ID)),
    }


async def measure(folder: Path, url: str) -> None:
    database = Database.open(url)
    try:
        await upgrade(Settings(data_dir=folder, database_url=url, secret_key="x" * 32))
        async with database.transaction(write=False) as db:
            await compare({f"{db.dialect.name}: {name}": call for name, call in calls(db).items()})
    finally:
        await database.close()


async def main() -> None:
    server = start_postgres()
    try:
        with TemporaryDirectory() as name:
            await measure(Path(name), server.make_database("trial"))
            await measure(Path(name), f"sqlite:///{name}/trial.db")
    finally:
        server.remove()


if __name__ == "__main__":
    asyncio.run(main())
