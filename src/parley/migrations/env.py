"""How Alembic reaches the database; run through `kernel/migrations/runner.py`, which hands over an open connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateIndexOp, CreateTableOp, MigrationScript
from sqlalchemy import JSON, Column, DefaultClause
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import False_, True_

from parley.kernel.database.columns import UtcDateTime, metadata
from parley.kernel.migrations.revisions import import_tables


def _render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcDateTime):
        autogenerate.imports.add("from parley.kernel.database.columns import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        autogenerate.imports.add("from parley.kernel.database.columns import Json")
        return "Json"
    if kind == "server_default" and isinstance(item, DefaultClause) and isinstance(item.arg, False_ | True_):
        return f"sa.{item.arg}()"  # as SQLite writes it, 0 or 1, PostgreSQL would refuse it
    return False


def _with_expression_indexes(_: Any, __: Any, scripts: list[MigrationScript]) -> None:
    """Give new tables their indexes on expressions too: SQLite can't show such ones, so Alembic leaves them out."""
    made = scripts[0].upgrade_ops
    assert made is not None  # this runs where operations were generated
    for operation in [one for one in made.ops if isinstance(one, CreateTableOp)]:
        for index in sorted(metadata.tables[operation.table_name].indexes, key=lambda one: str(one.name)):
            if not all(isinstance(part, Column) for part in index.expressions):
                made.ops.append(CreateIndexOp.from_index(index))


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """Leave out tables that only their migration describes, such as indexes of words: a revision would drop them."""
    return kind != "table" or name in metadata.tables


def _run(connection: Connection) -> None:
    import_tables()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=False,
        include_name=_is_ours,
        process_revision_directives=_with_expression_indexes,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
