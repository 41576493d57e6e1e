"""Encrypting what is stored with the present key, after PARLEY_SECRET_KEY was changed (`parley rotate-key`).

It finds the columns by `ENCRYPTED`. It goes through each table in the order of its primary key, in small transactions, and
looks at each row before it writes. So it may be stopped and started again, and a server may run beside it.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import JSON, Column, Select, Table, Text, cast, or_, select, tuple_, update

from parley.kernel.database.columns import metadata
from parley.kernel.database.retries import call_again
from parley.kernel.secrets import SEALED_BEGIN, Vault
from parley.kernel.services import Services

BATCH = 100
MOST_ROUNDS = 5

Values = dict[str, Any]


class Reencrypted(msgspec.Struct, frozen=True):
    """How many texts were encrypted anew, how many of each column (`table.column`) no key can read.

    `is_complete` is false where in every round something was there again that an old key had encrypted.
    """

    n_renewed: int
    unreadable: dict[str, int]
    is_complete: bool


def encrypted_columns() -> list[Column[Any]]:
    """Return every column that has encrypted texts; all tables must be imported."""
    tables = metadata.sorted_tables
    return [column for table in tables for column in table.columns if column.info.get("encrypted")]


async def reencrypt_everything(services: Services) -> Reencrypted:
    """Encrypt with the present key whatever an old one has encrypted. Safe to run twice, also at the same time.

    A server may store meanwhile what it has read before. So it looks again, until there is nothing left to do.
    """
    n_renewed = 0
    for _ in range(MOST_ROUNDS):
        n, unreadable = await _round(services)
        n_renewed += n
        if n == 0:
            return Reencrypted(n_renewed, unreadable, is_complete=True)
    return Reencrypted(n_renewed, unreadable, is_complete=False)


async def unreadable_texts(services: Services) -> dict[str, int]:
    """Return how many texts of each column (`table.column`) no key can read; columns without any are left out."""
    found: Counter[str] = Counter()
    for table, columns in _by_table().items():
        async for rows in _batches(services, table, columns):
            _count_unreadable(services.vault, columns, rows, found)
    return dict(found)


async def _round(services: Services) -> tuple[int, dict[str, int]]:
    n_renewed, unreadable = 0, Counter[str]()
    for table, columns in _by_table().items():
        async for rows in _batches(services, table, columns):
            _count_unreadable(services.vault, columns, rows, unreadable)
            stale = [row for row in rows if _changes(services.vault, columns, row)]
            if stale:
                n_renewed += await call_again(partial(_renew, services, table, columns, stale))
    return n_renewed, dict(unreadable)


def _by_table() -> dict[Table, list[Column[Any]]]:
    found: dict[Table, list[Column[Any]]] = {}
    for column in encrypted_columns():
        found.setdefault(column.table, []).append(column)
    return found


async def _batches(
    services: Services, table: Table, columns: Sequence[Column[Any]]
) -> AsyncIterator[Sequence[Values]]:
    """Yield the rows that have something encrypted, in the order of the primary key, each batch in its own transaction."""
    key = tuple_(*table.primary_key.columns)
    last: tuple[Any, ...] | None = None
    while True:
        wanted = _rows(table, columns).where(or_(*map(_may_be_encrypted, columns))).limit(BATCH)
        if last is not None:
            wanted = wanted.where(key > last)
        async with services.database.transaction(write=False) as db:
            rows = [dict(row) for row in (await db.execute(wanted)).mappings()]
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = tuple(rows[-1][column.name] for column in table.primary_key.columns)


def _rows(table: Table, columns: Sequence[Column[Any]]) -> Select[Any]:
    return select(*table.primary_key.columns, *columns).order_by(*table.primary_key.columns)


def _may_be_encrypted(column: Column[Any]) -> Any:
    """Return the condition; most rows with JSON have nothing encrypted in it."""
    if isinstance(column.type, JSON):
        return cast(column, Text).contains(SEALED_BEGIN)
    return column.is_not(None)


async def _renew(
    services: Services, table: Table, columns: Sequence[Column[Any]], stale: Sequence[Values]
) -> int:
    """Encrypt these rows anew as they are now, and return how many texts; nobody else changes them meanwhile."""
    key = tuple_(*table.primary_key.columns)
    keys = [tuple(row[column.name] for column in table.primary_key.columns) for row in stale]
    n_renewed = 0
    async with services.database.transaction() as db:
        held = _rows(table, columns).where(key.in_(keys)).with_for_update()
        for row in (await db.execute(held)).mappings().all():
            changes, n = _renewed_values(services.vault, columns, dict(row))
            if not changes:
                continue
            mine = [column == row[column.name] for column in table.primary_key.columns]
            await db.execute(update(table).where(*mine).values(changes))
            n_renewed += n
    return n_renewed


def _changes(vault: Vault, columns: Sequence[Column[Any]], row: Values) -> Values:
    return _renewed_values(vault, columns, row)[0]


def _renewed_values(vault: Vault, columns: Sequence[Column[Any]], row: Values) -> tuple[Values, int]:
    """Return the values that are to be stored instead, and how many texts were encrypted for them."""
    n_renewed = 0

    def renewed(text: str) -> str:
        nonlocal n_renewed
        if vault.is_current(text) or not vault.can_decrypt(text):
            return text
        n_renewed += 1
        return vault.encrypt(vault.decrypt(text))

    changes = {column.name: _mapped(column, row[column.name], renewed) for column in columns}
    return {name: value for name, value in changes.items() if value != row[name]}, n_renewed


def _count_unreadable(
    vault: Vault, columns: Sequence[Column[Any]], rows: Sequence[Values], found: Counter[str]
) -> None:
    def counted(name: str, text: str) -> str:
        if not vault.can_decrypt(text):
            found[name] += 1
        return text

    for row in rows:
        for column in columns:
            _mapped(column, row[column.name], partial(counted, f"{column.table.name}.{column.name}"))


def _mapped(column: Column[Any], value: Any, do: Callable[[str], str]) -> Any:
    """Return a value with `do` done to each of its encrypted texts."""
    if isinstance(column.type, JSON):
        return _mapped_json(value, do)
    return None if value is None else do(value)


def _mapped_json(value: Any, do: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return do(value) if value.startswith(SEALED_BEGIN) else value
    if isinstance(value, list):
        return [_mapped_json(one, do) for one in value]
    if isinstance(value, dict):
        return {name: _mapped_json(one, do) for name, one in value.items()}
    return value
