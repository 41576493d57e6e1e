"""What has been noted is sent to ClickHouse, in the order in which it was noted; safe to repeat at any point."""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from parley.kernel.clickhouse.client import ClickHouse
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services
from parley.people.clickhouse.definitions import (
    DISTINCT_ID_COLUMNS,
    EVENT_COLUMNS,
    PERSON_COLUMNS,
    statements,
)
from parley.people.clickhouse.queries import events_to_ship, owners_to_ship, persons_to_ship
from parley.people.shipments.actions import next_version, note_outcome, remove_shipments
from parley.people.shipments.queries import Shipment, next_shipments
from parley.people.shipments.rules import ShipmentKind

MOST_SHIPMENTS = 500
MOST_ROWS = 10_000
MOST_BYTES = 16 * 1024 * 1024
"""Of what is sent at once: so much is in memory, too."""


class ShippedBatch(msgspec.Struct, frozen=True):
    """What is sent at once: rows by table, under a token that is the same for the same shipments."""

    token: str
    shipments: Sequence[Shipment]
    events: Sequence[Sequence[Any]]
    distinct_ids: Sequence[Sequence[Any]]
    persons: Sequence[Sequence[Any]]


async def ship_next(services: Services, clickhouse: ClickHouse) -> int:
    """Send the next batch and remove what was noted of it; return how many shipments it had. Raises EventsAway.

    Killed in between, the same batch goes again: under the same token, and each row replaces itself.
    """
    async with services.database.transaction() as db:
        batch = await _next_batch(db)
    if batch is None:
        return 0
    # Persons first: an event is then never without the person that it already has.
    await _insert(clickhouse, "person", PERSON_COLUMNS, batch.persons, batch.token)
    await _insert(clickhouse, "person_distinct_id", DISTINCT_ID_COLUMNS, batch.distinct_ids, batch.token)
    await _insert(clickhouse, "event", EVENT_COLUMNS, batch.events, batch.token)
    async with services.database.transaction() as db:
        await remove_shipments(db, _by_project(batch.shipments))
        await note_outcome(db, None, services.clock.now())
    return len(batch.shipments)


async def make_tables(clickhouse: ClickHouse) -> None:
    """Make the tables that are not there; raises EventsAway."""
    for sql in statements(clickhouse.database, clickhouse.cluster):
        await clickhouse.command(sql)


async def _insert(
    clickhouse: ClickHouse, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], token: str
) -> None:
    if rows:
        await clickhouse.insert(table, columns, rows, token=f"{table}-{token}")


def first_of(shipments: Sequence[Shipment]) -> Sequence[Shipment]:
    """Return as many of the first shipments as are sent at once: one at the least."""
    n_rows = n_bytes = 0
    for position, one in enumerate(shipments):
        n_rows, n_bytes = n_rows + one.n_keys, n_bytes + one.n_bytes
        if position and (n_rows > MOST_ROWS or n_bytes > MOST_BYTES):
            return shipments[:position]
    return shipments


async def _next_batch(db: Db) -> ShippedBatch | None:
    if not await next_shipments(db, 1):
        return None
    # Counted up first: whoever reads persons for a later batch waits, and so has the later state and the higher version.
    version = await next_version(db)
    shipments = first_of(await next_shipments(db, MOST_SHIPMENTS))
    events: list[Sequence[Any]] = []
    distinct_ids: list[Sequence[Any]] = []
    persons: list[Sequence[Any]] = []
    for (project_id, kind), keys in _keys_of(shipments).items():
        match kind:
            case ShipmentKind.EVENTS:
                events += await events_to_ship(db, project_id, [UUID(key) for key in keys])
            case ShipmentKind.PERSONS:
                persons += await persons_to_ship(db, project_id, [UUID(key) for key in keys], version)
            case ShipmentKind.DISTINCT_IDS:
                distinct_ids += await owners_to_ship(db, project_id, keys, version)
    token = sha256(b"".join(one.id.bytes for one in shipments)).hexdigest()
    return ShippedBatch(token, shipments, events, distinct_ids, persons)


def _keys_of(shipments: Sequence[Shipment]) -> dict[tuple[int, ShipmentKind], list[str]]:
    """Return the keys by project and kind, each once."""
    found: dict[tuple[int, ShipmentKind], dict[str, None]] = defaultdict(dict)
    for one in shipments:
        found[one.project_id, one.kind].update(dict.fromkeys(one.keys))
    return {key: list(keys) for key, keys in sorted(found.items())}


def _by_project(shipments: Sequence[Shipment]) -> dict[int, list[UUID]]:
    found: dict[int, list[UUID]] = defaultdict(list)
    for one in shipments:
        found[one.project_id].append(one.id)
    return found
