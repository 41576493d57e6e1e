"""Integrations of a project, without their secrets. Every member sees all of them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.integrations.connections.kinds import display_name_of
from parley.integrations.connections.rules import MAX_ID
from parley.integrations.connections.schemas import Connected, IntegrationOut, StoredIntegration
from parley.integrations.connections.tables import integration
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest

c = integration.c
_STORED = StructColumns(StoredIntegration, integration, created_by=USER.or_none())
_ALL: Select[Any] = select(*_STORED.columns).select_from(
    integration.outerjoin(user_account, user_account.c.id == c.created_by)
)


def integration_key(project_id: int, id: int) -> ColumnElement[bool]:
    """Return the condition that names one integration (primary key)."""
    return and_(c.project_id == project_id, c.id == id)


def number_or_not_found(given: str) -> int:
    """Read an id of a path; raises NotFound for what is none."""
    if not (given.isascii() and given.isdigit() and len(given) <= 10 and 0 < int(given) <= MAX_ID):
        raise NotFound
    return int(given)


async def integration_by_id(db: Db, project_id: int, given: str) -> StoredIntegration:
    """Return an integration by its number in a path (primary key); raises NotFound."""
    row = (await db.execute(_ALL.where(integration_key(project_id, number_or_not_found(given))))).first()
    if row is None:
        raise NotFound
    return _STORED(row)


async def integrations_page(
    db: Db, project_id: int, asked: PageRequest
) -> tuple[int, list[StoredIntegration]]:
    """Return how many integrations the project has, and some of them, oldest first (primary key; they are few)."""
    count = await n_integrations(db, project_id)
    page = (
        _ALL.where(c.project_id == project_id)
        .order_by(c.created_at, c.id)
        .limit(asked.limit)
        .offset(asked.offset)
    )
    return count, [_STORED(row) for row in await db.execute(page)]


async def n_integrations(db: Db, project_id: int) -> int:
    """Count the project's integrations (primary key)."""
    counted = select(func.count()).select_from(integration).where(c.project_id == project_id)
    count: int = (await db.execute(counted)).scalar_one()
    return count


async def id_of_account(db: Db, project_id: int, kind: str, integration_id: str) -> int | None:
    """Return the id under which the project is connected to an outside account already, and hold it (unique index)."""
    same = (c.project_id == project_id, c.kind == kind, c.integration_id == integration_id)
    found: int | None = (await db.execute(select(c.id).where(*same).with_for_update())).scalar_one_or_none()
    return found


def shown_account(found: Connected) -> str:
    """Return what a connected account is called."""
    return display_name_of(found.kind, found.config, found.integration_id)


def shown_integration(found: StoredIntegration) -> IntegrationOut:
    """Return an integration as members see it."""
    return IntegrationOut(
        id=found.id,
        kind=found.kind,
        config=found.config,
        created_at=found.created_at,
        created_by=found.created_by,
        errors=found.errors,
        display_name=display_name_of(found.kind, found.config, found.integration_id),
    )
