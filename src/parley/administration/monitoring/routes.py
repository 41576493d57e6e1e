"""Health and metrics, for whatever watches over the server."""

import asyncio
from ipaddress import ip_address
from pathlib import Path
from shutil import disk_usage
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from prometheus_client import REGISTRY, generate_latest

from parley.kernel.database.url import sqlite_file
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import NotAuthenticated, PermissionDenied, Unavailable
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import same_token
from parley.kernel.jobs import as_metrics, backlogs, late
from parley.kernel.openapi.documented import DocumentedAnswer, documented
from parley.kernel.redis.cache import RedisCache
from parley.kernel.services import Services
from parley.kernel.throttle import pages_counted

PATIENCE_S = 3.0
FULL = "the disk is full, nothing can be stored"
LEAST_FREE_BYTES = 1024 * 1024
"""With less on the disk nothing is stored any more, or what comes next is the last."""
FORWARDED = ("forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-")
"""A proxy sends a header whose name begins so, and what it forwards comes from somewhere else."""
READINESS = documented(problem=None, answers={503: DocumentedAnswer("A service does not answer.", (str,))})


class Health(msgspec.Struct):
    """The process is up."""

    status: Annotated[str, msgspec.Meta(examples=["ok"])]


@get("/_health", guards=[public], opt=documented(problem=None))
async def show_health() -> Health:
    """Say that the process is up; nothing else is checked."""
    return Health("ok")


@get("/_readyz", guards=[public, pages_counted], media_type="text/plain", opt=READINESS)
async def show_readiness(services: ServicesDependency) -> Response[str]:
    """Say in a line each whether database, cache and storage work, and which work is late; 503 without the first two."""
    lines = [await _database_line(services), await _cache_line(services)]
    is_ready = all(line.endswith(": ok") for line in lines)
    # Without files most still works, and every process lacks them.
    lines.append(await _storage_line(services))
    # Late work is no reason to send requests elsewhere: every process sees the same.
    lines += await _late_lines(services)
    return Response("\n".join(lines) + "\n", status_code=200 if is_ready else 503, media_type="text/plain")


async def _database_line(services: Services) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.database.ping()
    except Exception:
        return "database: does not answer"
    # PostgreSQL's disk is elsewhere.
    file = sqlite_file(services.settings.database_url) if services.settings.is_sqlite else None
    return f"database: {FULL}" if file and _is_full(file.parent) else "database: ok"


def _is_full(folder: Path) -> bool:
    """Say so of a disk without writing: strangers may ask as often as they like."""
    return disk_usage(folder).free < LEAST_FREE_BYTES


async def _cache_line(services: Services) -> str:
    if not isinstance(services.cache, RedisCache):
        return "cache: ok"
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.cache.ping()
    except Exception:
        return "cache: does not answer"
    return "cache: ok"


async def _storage_line(services: Services) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await services.storage.ping()
    except (Unavailable, TimeoutError):
        return "storage: does not answer"
    folder = services.storage.folder
    return f"storage: {FULL}" if folder and folder.exists() and _is_full(folder) else "storage: ok"


async def _late_lines(services: Services) -> list[str]:
    """Say which queues wait; nothing while the database doesn't answer, which another line says."""
    try:
        async with asyncio.timeout(PATIENCE_S), services.database.transaction(write=False) as db:
            found = await late(db, services.clock.now())
    except (Unavailable, TimeoutError):
        return []
    return [
        f"background work: {queue} waits for {oldest.total_seconds():.0f} s"
        for queue, oldest in found.items()
    ]


@get(
    "/metrics",
    guards=[public],
    media_type="text/plain",
    opt=documented(errors={401: "The token is missing or wrong.", 403: "Only this machine may read it."}),
)
async def show_metrics(request: ParleyRequest, services: ServicesDependency) -> Response[bytes]:
    """Return counters in the Prometheus text format, to this machine or with PARLEY_METRICS_TOKEN; and what work waits."""
    _check_may_read_metrics(request, services.settings.metrics_token)
    text = generate_latest(REGISTRY) + await _queue_metrics(services)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _queue_metrics(services: Services) -> bytes:
    """Return what waits; nothing while the database doesn't answer."""
    try:
        async with asyncio.timeout(PATIENCE_S), services.database.transaction(write=False) as db:
            return as_metrics(await backlogs(db, services.clock.now()))
    except (Unavailable, TimeoutError):
        return b""


def _check_may_read_metrics(request: ParleyRequest, token: str | None) -> None:
    """Raise NotAuthenticated without the token where there is one; else PermissionDenied unless this machine asks."""
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not same_token(given.strip(), token):
            raise NotAuthenticated
    elif not _is_from_here(request):
        raise PermissionDenied(
            "Only this machine may read the metrics. Set PARLEY_METRICS_TOKEN to read them from elsewhere."
        )


def _is_from_here(request: ParleyRequest) -> bool:
    """Say whether a program of this machine asks for itself, rather than a proxy for somebody else."""
    if any(name.startswith(FORWARDED) for name in request.headers):
        return False
    peer: Any = request.scope.get("parley_peer")
    try:
        return peer is not None and ip_address(peer[0]).is_loopback
    except ValueError:
        return False


handlers = [show_health, show_readiness, show_metrics]
