"""The log of what identity providers ask: written beside each answer, with people masked, and forgotten in time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import delete, insert

from parley.accounts.scim.queries.requests import ends_of_long_logs
from parley.accounts.scim.tables import scim_request
from parley.accounts.scim_messages.rules.masking import (
    identity_provider,
    masked_body,
    masked_headers,
    masked_query,
    without_addresses,
)
from parley.kernel.database.transaction import Db
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from parley.kernel.text.forms import storable

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
MOST_KEPT = 20_000
"""Requests of one domain that are kept: a large directory is asked for whole every 40 minutes."""
MAX_PATH = 500


class Exchange(msgspec.Struct, frozen=True):
    """A request with its answer, as far as the log wants to know them."""

    sent: Any
    status: int
    answered: Any
    duration_ms: int


async def log_change(
    db: Db, services: Services, domain_id: UUID, request: ParleyRequest, told: Exchange
) -> None:
    """Write a request down in the transaction of what it has changed."""
    await db.execute(insert(scim_request), _row(domain_id, request, told, services.clock.now()))


async def log_request(services: Services, domain_id: UUID, request: ParleyRequest, told: Exchange) -> None:
    """Write down a request that has changed nothing. That it can't be written is no reason not to answer."""
    try:
        async with services.database.transaction() as db:
            await log_change(db, services, domain_id, request, told)
    except Exception:
        log.exception("scim_request_not_logged")


def _row(domain_id: UUID, request: ParleyRequest, told: Exchange, now: datetime) -> dict[str, Any]:
    query = masked_query("&".join(f"{name}={value}" for name, value in request.query_params.multi_items()))
    path = without_addresses(request.scope["path"])
    return {
        "domain_id": domain_id,
        "id": new_uuid(),
        "request_method": request.method,
        "request_path": storable(f"{path}?{query}" if query else path)[:MAX_PATH],
        "request_headers": masked_headers(request.headers.items()),
        "request_body": masked_body(told.sent),
        "response_status": told.status,
        "response_body": masked_body(told.answered),
        "identity_provider": identity_provider(request.headers.get("user-agent", "")),
        "duration_ms": told.duration_ms,
        "created_at": now,
    }


async def forget_requests(db: Db, now: datetime) -> int:
    """Delete requests that are old, and the oldest of a domain that has very many; return how many. Safe to run twice."""
    old = delete(scim_request).where(scim_request.c.created_at < now - KEPT_FOR)
    n_deleted = (await db.execute(old)).rowcount
    for domain_id, last in await ends_of_long_logs(db, MOST_KEPT):
        ended = delete(scim_request).where(scim_request.c.domain_id == domain_id, scim_request.c.id <= last)
        n_deleted += (await db.execute(ended)).rowcount
    return n_deleted
