"""Pages of the audit log come from an index in their order, wherever they begin."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from parley.accounts.audit_log.queries import newest_first
from parley.accounts.audit_log.schemas import AuditFilters, EntryCursor
from parley.accounts.audit_log.tables import audit_entry
from parley.kernel.ids import new_uuid

N = 3000


class UndoneError(Exception):
    """Nothing may stay: entries can't be deleted."""


async def plan(db, statement):
    """Return what the database would do."""
    text = statement.compile(dialect=db.dialect, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN" if db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    rows = await db.connection.exec_driver_sql(f"{explain} {text}")
    return "\n".join(str(row[-1]) for row in rows)


async def test_a_page_is_read_from_an_index_in_its_order(database, alice, clock):
    now, mine = clock.now(), alice.organization_id
    row = {"organization_id": mine, "created_at": now - timedelta(hours=1), "target_type": "member"}
    rows = [
        row | {"id": new_uuid(), "user_id": n % 9, "action": f"a{n % 9}", "target_id": str(n % 9)}
        for n in range(N)
    ]
    places = (None, EntryCursor(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=5)))
    kinds = {
        "time": AuditFilters(before=now),
        "user": AuditFilters(user_id=3),
        "action": AuditFilters(action="a3"),
        "target": AuditFilters(target_type="member", target_id="3"),
    }
    with pytest.raises(UndoneError):
        async with database.transaction() as db:
            await db.execute(insert(audit_entry), rows)
            await db.driver.execute("ANALYZE audit_entry")
            for name, filters in kinds.items():
                for place in places:
                    said = await plan(db, newest_first(db, mine, filters, place).limit(50))
                    assert f"ix_audit_entry_{name}" in said, said
                    assert "SORT" not in said.upper() and "TEMP B-TREE" not in said, said
            raise UndoneError
