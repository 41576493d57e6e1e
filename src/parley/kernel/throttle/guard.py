"""The guard that counts requests by the address they come from, before anything is looked up or read for them."""

from litestar.handlers import BaseRouteHandler

from parley.kernel.access import Connection, Guard
from parley.kernel.addresses import network_of
from parley.kernel.request import ParleyRequest
from parley.kernel.throttle.limit import Limit

PAGES = Limit("pages-address", 600, 60)
"""Pages for everybody, and whatever else needs no key and has no limit of its own."""


async def count_accepted(request: ParleyRequest, *wanted: tuple[Limit, str]) -> None:
    """Count the request, unless it is refused in the end, so that budgets which many share aren't spent by what fails.

    Raises Throttled.
    """
    throttles = request.app.state.services.throttles
    counts = await throttles.hit(*wanted)

    async def settle(status: int) -> None:
        if not 200 <= status < 400:
            await throttles.take_back(counts)

    request.at_end(settle)


def per_address(*limits: Limit, is_always_on: bool = False) -> Guard:
    """Count the requests of an address; raises Throttled. `is_always_on` counts whatever PARLEY_RATE_LIMITS says."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        services = connection.app.state.services
        if is_always_on or services.settings.limits_public:
            client = connection.scope["client"]
            network = network_of(client[0]) if client else ""
            await services.throttles.hit(*((limit, network) for limit in limits))

    guard.limits = limits  # type: ignore[attr-defined]  # read by the test that walks the routes
    return guard


pages_counted = per_address(PAGES)
