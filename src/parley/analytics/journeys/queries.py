"""Customer journeys of a project. Every member sees all of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from parley.analytics.insights.tables import insight
from parley.analytics.journeys.errors import insight_of_another_team, no_such_insight
from parley.analytics.journeys.schemas import JourneyOut
from parley.analytics.journeys.tables import customer_journey
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest

_JOURNEY = StructColumns(JourneyOut, customer_journey, insight=customer_journey.c.insight_id)
_SHOWN: Select[Any] = select(*_JOURNEY.columns).select_from(customer_journey)
BEYOND_NUMBERS = 2**31


async def journey_by_id(db: Db, project_id: int, key: str, *, is_held: bool = False) -> JourneyOut:
    """Return a journey (primary key); raises NotFound, for what is no uuid, too.

    With `is_held` nobody else can change or delete it until the transaction ends.
    """
    try:
        id = UUID(key)
    except ValueError as error:
        raise NotFound from error
    found = _SHOWN.where(customer_journey.c.project_id == project_id, customer_journey.c.id == id)
    row = (await db.execute(found.with_for_update() if is_held else found)).first()
    if row is None:
        raise NotFound
    return _JOURNEY(row)


async def journey_page(db: Db, project_id: int, asked: PageRequest) -> tuple[int, list[JourneyOut]]:
    """Return how many journeys there are, and a page of them in their order (ix_customer_journey_order)."""
    mine = customer_journey.c.project_id == project_id
    counted = select(func.count()).select_from(customer_journey).where(mine)
    count = (await db.execute(counted)).scalar_one()
    order = (customer_journey.c.position, customer_journey.c.created_at, customer_journey.c.id)
    page = _SHOWN.where(mine).order_by(*order).limit(asked.limit).offset(asked.offset)
    return count, [_JOURNEY(row) for row in await db.execute(page)]


async def has_journey(db: Db, project_id: int, insight_id: int) -> bool:
    """Say whether a journey follows this insight (unique key)."""
    mine = (customer_journey.c.project_id == project_id, customer_journey.c.insight_id == insight_id)
    return (await db.execute(select(customer_journey.c.id).where(*mine))).first() is not None


async def hold_insight(db: Db, project_id: int, id: int) -> None:
    """Lock an insight, so that two journeys can't take it at once; raises Invalid unless it is the project's (primary key).

    A deleted one counts, since it can come back. The error says whether it is another project's (ix_insight_id).
    """
    if not 0 < id < BEYOND_NUMBERS:
        raise no_such_insight(id)
    mine = (insight.c.project_id == project_id, insight.c.id == id)
    if (await db.execute(select(insight.c.id).where(*mine).with_for_update())).first() is not None:
        return
    elsewhere = select(insight.c.id).where(insight.c.id == id).limit(1)
    is_elsewhere = (await db.execute(elsewhere)).first() is not None
    raise insight_of_another_team() if is_elsewhere else no_such_insight(id)
