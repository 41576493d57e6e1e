"""Shipments: notes of what was stored here and must still reach ClickHouse. Owns `shipment`, `shipped_project`, `shipping`.

Nothing is noted where PARLEY_EVENTS_URL is not set. Persons and events, which are lower than what ships them, leave notes
in the transaction of their change; `people/clickhouse` reads and removes them (docs/clickhouse.md).
"""
