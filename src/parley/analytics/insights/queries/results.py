"""Kept answers of queries, and queries that nobody waits for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, bindparam, func, select

from parley.accounts.projects.tables import project
from parley.analytics.insights.tables import insight_result, insight_run
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound


class KeptResult(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept under a digest: the latest answer, JSON text, and why the latest attempt had none."""

    digest: str
    results: str | None
    facts: dict[str, Any] | None
    computed_at: datetime | None
    failure: dict[str, Any] | None
    failed_at: datetime | None
    lease_until: datetime | None
    holder: UUID | None


class StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """A query that is answered while nobody waits."""

    project_id: int
    id: UUID
    digest: str
    query: str
    user_id: int | None
    insight_id: int | None
    started_at: datetime
    ended_at: datetime | None
    failure: dict[str, Any] | None


_KEPT = StructColumns(KeptResult, insight_result)
_RUN = StructColumns(StoredRun, insight_run)
_OF_DIGESTS = (
    insight_result.c.project_id == bindparam("project_id"),
    is_one_of(insight_result.c.digest, listed("digests", insight_result.c.digest)),
)
_BY_DIGESTS = Prepared(select(*_KEPT.columns).where(*_OF_DIGESTS))
_SIZES = Prepared(select(insight_result.c.digest, insight_result.c.n_bytes).where(*_OF_DIGESTS))


async def kept_results(
    source: Db | Database, project_id: int, digests: Sequence[str]
) -> dict[str, KeptResult]:
    """Return what is kept under these digests (primary key)."""
    if not digests:
        return {}
    read = source.rows if isinstance(source, Db) else source.read
    found = [_KEPT(row) for row in await read(_BY_DIGESTS, project_id=project_id, digests=list(digests))]
    return {one.digest: one for one in found}


async def kept_sizes(source: Db | Database, project_id: int, digests: Sequence[str]) -> dict[str, int]:
    """Return how many bytes are kept under these digests, without reading them (primary key)."""
    if not digests:
        return {}
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_SIZES, project_id=project_id, digests=list(digests))
    return {row[0]: row[1] for row in found if row[1] is not None}


async def held_result(db: Db, project_id: int, digest: str) -> KeptResult | None:
    """Return what is kept under a digest, and keep others from changing it until the transaction ends (primary key)."""
    mine = (insight_result.c.project_id == project_id, insight_result.c.digest == digest)
    row = (await db.execute(select(*_KEPT.columns).where(*mine).with_for_update())).first()
    return _KEPT(row) if row is not None else None


async def run_by_id(db: Db, project_id: int, id: str) -> StoredRun:
    """Return a query that nobody waits for (primary key); raises NotFound."""
    try:
        mine = (insight_run.c.project_id == project_id, insight_run.c.id == UUID(id))
    except ValueError as error:
        raise NotFound from error
    row = (await db.execute(select(*_RUN.columns).where(*mine))).first()
    if row is None:
        raise NotFound
    return _RUN(row)


async def unfinished_run(db: Db, project_id: int, digest: str, since: datetime) -> StoredRun | None:
    """Return a query of this digest that began since then and goes on (primary key: a project has few)."""
    mine = (insight_run.c.project_id == project_id, insight_run.c.digest == digest)
    going_on = (insight_run.c.ended_at.is_(None), insight_run.c.started_at >= since)
    row = (await db.execute(select(*_RUN.columns).where(*mine, *going_on).limit(1))).first()
    return _RUN(row) if row is not None else None


async def n_unfinished_runs(db: Db, organization_id: UUID, since: datetime) -> int:
    """Return how many queries of an organization go on while nobody waits (primary key: a project has few)."""
    projects = select(project.c.id).where(project.c.organization_id == organization_id)
    mine = (insight_run.c.project_id.in_(projects), insight_run.c.started_at >= since)
    going_on = select(func.count()).select_from(insight_run).where(*mine, insight_run.c.ended_at.is_(None))
    return int((await db.execute(going_on)).scalar_one())


def old_results(now: datetime, limit: int) -> Select[Any]:
    """Select the digests of answers that are kept no longer (ix_insight_result_kept)."""
    old = select(insight_result.c.digest).where(insight_result.c.kept_until <= now)
    return old.order_by(insight_result.c.kept_until).limit(limit)


def old_runs(before: datetime, limit: int) -> Select[Any]:
    """Select the ids of queries that began before (ix_insight_run_started)."""
    old = select(insight_run.c.id).where(insight_run.c.started_at < before)
    return old.order_by(insight_run.c.started_at).limit(limit)
