"""How Alembic reaches the database; run through `kernel/migrations.py`, which hands over an open connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON
from sqlalchemy.engine import Connection

from parley.kernel.db import UtcDateTime, metadata
from parley.kernel.migrations import import_tables


def _render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcDateTime):
        autogenerate.imports.add("from parley.kernel.db import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        autogenerate.imports.add("from parley.kernel.db import Json")
        return "Json"
    return False


def _run(connection: Connection) -> None:
    import_tables()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
