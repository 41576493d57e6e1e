"""The end of entries that were kept for long enough."""

from datetime import timedelta

from parley.accounts.audit_log.actions import clear_old_entries
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("audit_log.clear_old", every=timedelta(hours=1), deletes=True)
async def clear_old(db: Db, services: Services) -> int:
    """Delete entries of audit logs older than `PARLEY_AUDIT_LOG_DAYS`; an entry says so. Safe to run twice."""
    return await clear_old_entries(db, services)
