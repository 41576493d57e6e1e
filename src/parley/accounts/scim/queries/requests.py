"""The log of requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import Select, func, or_, select

from parley.accounts.scim.schemas import ScimRequestOut
from parley.accounts.scim.tables import scim_request
from parley.kernel.database.dialect import folded_holds
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.body import read
from parley.kernel.text.forms import folded, storable

_REQUEST = StructColumns(ScimRequestOut, scim_request)
SEARCHED = (scim_request.c.request_path, scim_request.c.request_body, scim_request.c.response_body)
MAX_SEARCH = 200
Status = Annotated[int, Meta(ge=0, le=999)]


class RequestFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests of a log are wanted; the statuses and moments are the first and last that are."""

    status_min: Status | None = None
    status_max: Status | None = None
    after: datetime | None = None
    before: datetime | None = None
    search: str = ""


def request_filters(query: Mapping[str, str]) -> RequestFilters:
    """Read the filters of a query; what can't be read is no filter."""
    found: dict[str, Any] = {"search": storable(query.get("search", ""))[:MAX_SEARCH]}
    for name in ("status_min", "status_max", "after", "before"):
        if query.get(name):
            try:
                one = read(RequestFilters, {name: query[name]})
            except Invalid:
                continue
            found[name] = getattr(one, name)
    return RequestFilters(**found)


def _wanted(domain_id: UUID, filters: RequestFilters) -> Select[Any]:
    statement = select(*_REQUEST.columns).where(scim_request.c.domain_id == domain_id)
    bounds = (
        (filters.status_min, scim_request.c.response_status.__ge__),
        (filters.status_max, scim_request.c.response_status.__le__),
        (filters.after, scim_request.c.created_at.__ge__),
        (filters.before, scim_request.c.created_at.__le__),
    )
    for value, compare in bounds:
        if value is not None:
            statement = statement.where(compare(value))
    if search := folded(filters.search):
        statement = statement.where(or_(*(folded_holds(func.coalesce(one, ""), search) for one in SEARCHED)))
    return statement


async def request_page(
    db: Db, domain_id: UUID, filters: RequestFilters, *, limit: int, offset: int = 0
) -> tuple[Sequence[ScimRequestOut], int]:
    """Return requests of a domain, newest first, and how many there are in all (primary key; at most some 20,000)."""
    wanted = _wanted(domain_id, filters)
    counted = wanted.with_only_columns(func.count(), maintain_column_froms=True)
    page = wanted.order_by(scim_request.c.id.desc()).limit(limit).offset(offset)
    rows = (await db.execute(page)).all()
    total: int = (await db.execute(counted)).scalar_one()
    return [_REQUEST(row) for row in rows], total


async def ends_of_long_logs(db: Db, most: int) -> Sequence[tuple[UUID, UUID]]:
    """Return the domains whose log has more requests than so many, with the newest of those that are too many."""
    counted = select(scim_request.c.domain_id).group_by(scim_request.c.domain_id).having(func.count() > most)
    found = []
    for domain_id in (await db.execute(counted)).scalars().all():
        newest_first = (
            select(scim_request.c.id)
            .where(scim_request.c.domain_id == domain_id)
            .order_by(scim_request.c.id.desc())
        )
        last = (await db.execute(newest_first.limit(1).offset(most))).scalar()
        if last is not None:
            found.append((domain_id, last))
    return found
