"""Sign-ins by SAML that are under way."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from parley.accounts.saml.tables import saml_request
from parley.kernel.database.columns import is_open
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

LASTS = timedelta(minutes=10)
"""How long an answer is waited for; it works once."""


class PendingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was sent to an identity provider. A test signs nobody in: `tested_by` sees what came back."""

    id: str
    domain_id: UUID
    browser_hash: str
    come_back_to: str
    session_hash: str | None
    tested_by: int | None
    finding: dict[str, Any] | None
    is_confirmation: bool
    created_at: datetime
    expires_at: datetime


_PENDING = StructColumns(PendingRequest, saml_request)


async def pending_request(db: Db, domain_id: UUID, request_id: str, now: datetime) -> PendingRequest | None:
    """Return a request of this domain that is still waited for, or a test that was answered (primary key)."""
    wanted = select(*_PENDING.columns).where(
        saml_request.c.id == request_id,
        saml_request.c.domain_id == domain_id,
        is_open(saml_request.c.expires_at, now, LASTS),
    )
    row = (await db.execute(wanted)).first()
    return _PENDING(row) if row else None
