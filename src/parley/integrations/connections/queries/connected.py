"""Integrations with their secrets, for the features that use them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from parley.integrations.connections.errors import CredentialsRejected, WrongKind
from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.sealing import unsealed
from parley.integrations.connections.tables import integration
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.secrets import Vault

_CONNECTED = StructColumns(Connected, integration, secrets=integration.c.sensitive_config)
_SECRETS = [column.name for column in _CONNECTED.columns].index("sensitive_config")


async def connected(db: Db, vault: Vault, project_id: int, id: int, kind: str) -> Connected:
    """Return a connected account (primary key).

    Raises NotFound, WrongKind, and CredentialsRejected where its secrets can't be read since the secret key was lost.
    """
    found = await _found(db, vault, integration_key(project_id, id))
    if not found:
        raise NotFound
    if found[0].kind != kind:
        raise WrongKind(kind, found[0].kind)
    return found[0]


async def connected_or_none(db: Db, vault: Vault, project_id: int, id: int) -> Connected | None:
    """Return a connected account of any kind (primary key); secrets that can't be read are left out."""
    row: Any = (await db.execute(select(*_CONNECTED.columns).where(integration_key(project_id, id)))).first()
    if row is None:
        return None
    try:
        return _CONNECTED(_opened(vault, row))
    except CredentialsRejected:
        return _CONNECTED([*row[:_SECRETS], {}, *row[_SECRETS + 1 :]])


async def connected_of_kind(db: Db, vault: Vault, project_id: int, kind: str) -> Sequence[Connected]:
    """Return the accounts of this kind that the project is connected to, oldest first (unique index)."""
    c = integration.c
    return await _found(db, vault, (c.project_id == project_id) & (c.kind == kind))


async def connected_outside(db: Db, vault: Vault, kind: str, integration_id: str) -> Sequence[Connected]:
    """Return all integrations with this outside account, of every project: for what the service itself sends in.

    The caller must have proved that it is the service. Reads ix_integration_outside.
    """
    c = integration.c
    return await _found(db, vault, (c.kind == kind) & (c.integration_id == integration_id))


async def _found(db: Db, vault: Vault, wanted: ColumnElement[bool]) -> list[Connected]:
    rows = await db.execute(
        select(*_CONNECTED.columns).where(wanted).order_by(integration.c.created_at, integration.c.id)
    )
    return [_CONNECTED(_opened(vault, row)) for row in rows]


def _opened(vault: Vault, row: Any) -> Sequence[Any]:
    return [*row[:_SECRETS], unsealed(vault, row[_SECRETS]), *row[_SECRETS + 1 :]]
