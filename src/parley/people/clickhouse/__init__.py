"""ClickHouse as the place of events: what is stored in the main database is shipped there, and what is erased leaves it.

Owns nothing in the main database; its tables in ClickHouse stand in `definitions.py` (docs/clickhouse.md, decision 33).
"""
