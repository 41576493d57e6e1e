"""ClickHouse: the client of this process, whose calls never block the loop, and its errors."""
