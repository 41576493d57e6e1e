"""Health and metrics, for whatever watches over the server."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Response, get
from prometheus_client import REGISTRY, generate_latest

from parley.kernel.access import public
from parley.kernel.cache import RedisCache
from parley.kernel.dependencies import Services, With
from parley.kernel.documented import Answer, documented

PATIENCE_S = 3.0
READINESS = documented(problem=None, answers={503: Answer("A service does not answer.", (str,))})


class Health(msgspec.Struct):
    """The process is up."""

    status: Annotated[str, msgspec.Meta(examples=["ok"])]


@get("/_health", guards=[public], opt=documented(problem=None))
async def show_health() -> Health:
    """Say that the process is up; nothing else is looked at."""
    return Health("ok")


@get("/_readyz", guards=[public], media_type="text/plain", opt=READINESS)
async def show_readiness(services: With) -> Response[str]:
    """Say, a line each, whether the database and the cache answer; 503 when one doesn't."""
    lines = [await _database_line(services), await _cache_line(services)]
    is_ready = all(line.endswith(": ok") for line in lines)
    return Response("\n".join(lines) + "\n", status_code=200 if is_ready else 503, media_type="text/plain")


async def _database_line(services: Services) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.database.ping()
    except Exception:
        return "database: does not answer"
    return "database: ok"


async def _cache_line(services: Services) -> str:
    if not isinstance(services.cache, RedisCache):
        return "cache: ok"
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.cache.ping()
    except Exception:
        return "cache: does not answer"
    return "cache: ok"


@get("/metrics", guards=[public], media_type="text/plain", opt=documented(problem=None))
async def show_metrics() -> Response[bytes]:
    """Return the counters of this process in the Prometheus text format."""
    return Response(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4; charset=utf-8")


handlers = [show_health, show_readiness, show_metrics]
