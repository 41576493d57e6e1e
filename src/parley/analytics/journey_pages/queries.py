"""Which funnels a journey may follow."""

from sqlalchemy import select

from parley.analytics.insights.queries.insights import insight_page
from parley.analytics.insights.rules.filters import InsightFilters
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.journeys.tables import customer_journey
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest

MOST_FUNNELS = 200


async def funnels_without_journey(db: Db, project_id: int) -> list[StoredInsight]:
    """Return funnels that no journey follows yet, those that were changed last first (unique key of journeys)."""
    first = PageRequest(limit=MOST_FUNNELS, offset=0)
    _, found = await insight_page(db, project_id, InsightFilters(kind="FunnelsQuery"), first)
    mine = customer_journey.c.project_id == project_id
    taken = set((await db.execute(select(customer_journey.c.insight_id).where(mine))).scalars())
    return [one for one in found if one.id not in taken]
