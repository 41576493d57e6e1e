"""Every change of what ClickHouse holds."""
