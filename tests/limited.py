"""An application that counts requests, with counters of its own, and clients with addresses of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec

from parley.kernel.clock import Clock
from parley.kernel.config.settings import Settings
from parley.kernel.config.values import RateLimits
from parley.kernel.http.middleware import Middleware
from parley.kernel.ids import new_token
from parley.kernel.services import Services
from parley.kernel.throttle import Throttles
from parley.main import create_app

_apps: dict[tuple[Settings, Clock | None], Middleware] = {}


@asynccontextmanager
async def limited_app(
    settings: Settings, rate_limits: RateLimits = "public", clock: Clock | None = None, **more: object
) -> AsyncIterator[Middleware]:
    """Yield the application with these limits, whatever others have counted. It is made once, for that takes long."""
    wanted = msgspec.structs.replace(settings, rate_limits=rate_limits, **more)
    made = _apps.get((wanted, clock)) or create_app(wanted, clock)
    _apps[wanted, clock] = made
    services: Services = made.app.state.services
    services.throttles = Throttles(services.cache, services.clock, new_token())
    yield made


async def close_limited_apps() -> None:
    """Close what they have opened."""
    for made in _apps.values():
        services: Services = made.app.state.services
        await services.kept_open.close()
        await services.cache.close()
        await services.database.close()
    _apps.clear()


def client_at(app: Middleware, address: str, **headers: str) -> httpx.AsyncClient:
    """Return a client whose connections come from this address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://parley.test", headers=headers)
