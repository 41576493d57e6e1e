"""Which dashboards show an insight. Dashboards are above this feature, so `main` hands in what knows of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from parley.analytics.insights.schemas import TileOfInsight
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services


class InsightPlaces(msgspec.Struct, frozen=True):
    """What dashboards do for insights.

    `tiles_of(db, project_id, insight_ids)` returns the tiles of each, those taken away among them; `place(db, services,
    actor, insight_id, dashboard_ids)` shows an insight on these dashboards and on no other, and raises Invalid for one
    that isn't there.
    """

    tiles_of: Callable[[Db, int, Sequence[int]], Awaitable[Mapping[int, Sequence[TileOfInsight]]]]
    place: Callable[[Db, Services, Actor, int, Sequence[int]], Awaitable[None]]


def places_of(request: ParleyRequest) -> InsightPlaces:
    """Return what `main` has handed in."""
    found: InsightPlaces = request.app.state.insight_places
    return found
