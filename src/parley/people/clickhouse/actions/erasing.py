"""What was deleted or erased here is deleted in ClickHouse, too."""

from collections.abc import Sequence
from typing import Any

from parley.kernel.clickhouse.client import DELETING, ClickHouse
from parley.people.clickhouse.definitions import DEFINITIONS, stored_in
from parley.people.shipments.actions import Erased

_SHIPPED_BEFORE = "(version <= {version:UInt64} OR is_deleted = 1)"
_CONDITIONS = {
    "person_ids": ("person", f"id IN {{items:Array(UUID)}} AND {_SHIPPED_BEFORE}"),
    "distinct_ids": (
        "person_distinct_id",
        f"distinct_id IN {{items:Array(String)}} AND {_SHIPPED_BEFORE}",
    ),
    "events_of": (
        "event",
        "distinct_id IN {items:Array(String)} AND created_at <= {until:DateTime64(6, 'UTC')}",
    ),
    "event_ids": ("event", "id IN {items:Array(UUID)}"),
    "ticket_ids": (
        "event",
        "startsWith(event, '$conversation') AND JSONExtractString(properties, 'ticket_id') IN {items:Array(String)}",
    ),
}


async def delete_erased(clickhouse: ClickHouse, gone: Erased) -> None:
    """Delete what was erased; raises EventsAway. Safe to repeat."""
    for name, (table, condition) in _CONDITIONS.items():
        items: Sequence[Any] = getattr(gone, name)
        if items:
            texts = [str(one) for one in items] if name == "ticket_ids" else list(items)
            values = {
                "project_id": gone.project_id,
                "items": texts,
                "version": gone.version,
                "until": gone.until,
            }
            await _delete(clickhouse, table, f"project_id = {{project_id:Int32}} AND {condition}", values)


async def delete_project(clickhouse: ClickHouse, project_id: int) -> None:
    """Delete everything of a project; raises EventsAway. Safe to repeat."""
    for one in DEFINITIONS:
        await _delete(clickhouse, one.name, "project_id = {project_id:Int32}", {"project_id": project_id})


async def _delete(clickhouse: ClickHouse, table: str, condition: str, values: dict[str, Any]) -> None:
    sql = f"DELETE FROM {stored_in(table, clickhouse.cluster)} WHERE {condition}"  # noqa: S608 - all of it is ours
    await clickhouse.command(sql, values, settings=DELETING)
