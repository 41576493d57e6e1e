"""The guard that counts requests by the address they come from, before anything is looked up or read for them."""

from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from litestar.handlers import BaseRouteHandler

from parley.kernel.http.authorization import Connection, Guard
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of, site_of
from parley.kernel.throttle.limit import Limit
from parley.kernel.throttle.slots import SlotLimit

AnyLimit = TypeVar("AnyLimit", Limit, SlotLimit)

SITE = 3
"""A line with IPv6 may have 65,536 networks: together they get three times what one network gets."""
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


def counted_for(address: str, *limits: AnyLimit) -> list[tuple[AnyLimit, str]]:
    """Return what a request from this address is counted as: for its network, and for all networks of its line."""
    site = site_of(address)
    wanted: list[tuple[AnyLimit, str]] = [(limit, network_of(address)) for limit in limits]
    if site is not None:
        wanted += [(_of_site(limit), site) for limit in limits]
    return wanted


@lru_cache
def _of_site(limit: Any) -> Any:
    return msgspec.structs.replace(limit, name=f"{limit.name}-site", most=SITE * limit.most)


def per_address(*limits: Limit, is_always_on: bool = False) -> Guard:
    """Count the requests of an address; raises Throttled. `is_always_on` counts whatever PARLEY_RATE_LIMITS says."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        services = connection.app.state.services
        if is_always_on or services.settings.limits_public:
            client = connection.scope["client"]
            await services.throttles.hit(*counted_for(client[0] if client else "", *limits))

    guard.limits = limits  # type: ignore[attr-defined]  # read by the test that walks the routes
    return guard


pages_counted = per_address(PAGES)
