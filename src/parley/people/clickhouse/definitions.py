"""The tables in ClickHouse, as the statements that make them; each may run again on what is there.

A row that comes twice has the same sorting key, and a query with `final = 1` sees it once, merged or not.
"""

from collections.abc import Sequence

import msgspec

EVENT_COLUMNS = ("project_id", "id", "event", "distinct_id", "properties", "timestamp", "created_at")
DISTINCT_ID_COLUMNS = ("project_id", "distinct_id", "person_id", "version", "is_deleted")
PERSON_COLUMNS = ("project_id", "id", "properties", "is_identified", "created_at", "version", "is_deleted")


class Definition(msgspec.Struct, frozen=True):
    """One table; `shard_by` says which server of a cluster has a row."""

    name: str
    body: str
    engine: str
    arguments: str
    rest: str
    shard_by: str


_EVENT = Definition(
    "event",
    """(
    project_id Int32,
    id UUID,
    event LowCardinality(String),
    distinct_id String CODEC(ZSTD(1)),
    properties String CODEC(ZSTD(1)),
    timestamp DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX ix_id id TYPE bloom_filter GRANULARITY 2,
    INDEX ix_distinct_id distinct_id TYPE bloom_filter GRANULARITY 2
)""",
    "ReplacingMergeTree",
    "created_at",
    # What clients say happened before 2015 shares a partition: the time is theirs to choose, the number of partitions ours.
    """PARTITION BY toYYYYMM(greatest(timestamp, toDateTime64('2015-01-01 00:00:00', 6, 'UTC')))
ORDER BY (project_id, event, timestamp, id)""",
    "cityHash64(project_id, distinct_id)",
)
_DISTINCT_ID = Definition(
    "person_distinct_id",
    """(
    project_id Int32,
    distinct_id String,
    person_id UUID,
    version UInt64,
    is_deleted UInt8
)""",
    "ReplacingMergeTree",
    "version, is_deleted",
    "ORDER BY (project_id, distinct_id)",
    "cityHash64(project_id, distinct_id)",
)
_PERSON = Definition(
    "person",
    """(
    project_id Int32,
    id UUID,
    properties String CODEC(ZSTD(1)),
    is_identified Bool,
    created_at DateTime64(6, 'UTC'),
    version UInt64,
    is_deleted UInt8
)""",
    "ReplacingMergeTree",
    "version, is_deleted",
    "ORDER BY (project_id, id)",
    "cityHash64(project_id, id)",
)
DEFINITIONS = (_EVENT, _DISTINCT_ID, _PERSON)


def statements(database: str, cluster: str | None = None) -> Sequence[str]:
    """Return what makes the tables: on one server, or replicated and spread over the servers of a cluster."""
    if cluster is None:
        return [_alone(one) for one in DEFINITIONS]
    return [
        sql
        for one in DEFINITIONS
        for sql in (_replicated(one, database, cluster), _spread(one, database, cluster))
    ]


def stored_in(table: str, cluster: str | None) -> str:
    """Return where rows of a table are deleted: the table, or its parts on all servers of a cluster."""
    return table if cluster is None else f"{table}_local ON CLUSTER {cluster}"


def _alone(one: Definition) -> str:
    # The last blocks are remembered, so that one which comes again is left out before it is stored.
    return (
        f"CREATE TABLE IF NOT EXISTS {one.name} {one.body}\n"
        f"ENGINE = {one.engine}({one.arguments})\n{one.rest}\n"
        "SETTINGS non_replicated_deduplication_window = 1000"
    )


def _replicated(one: Definition, database: str, cluster: str) -> str:
    path = f"'/clickhouse/tables/{{shard}}/{database}/{one.name}_local', '{{replica}}'"
    return (
        f"CREATE TABLE IF NOT EXISTS {one.name}_local ON CLUSTER {cluster} {one.body}\n"
        f"ENGINE = Replicated{one.engine}({path}, {one.arguments})\n{one.rest}"
    )


def _spread(one: Definition, database: str, cluster: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {one.name} ON CLUSTER {cluster} AS {one.name}_local\n"
        f"ENGINE = Distributed({cluster}, {database}, {one.name}_local, {one.shard_by})"
    )
