"""Where recorders send to: public, answered as SDKs understand it (docs/recordings.md#answers)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, nullcontext
from math import ceil
from typing import Any

from litestar import Response, post

from parley.accounts.projects.recording_settings import recording_settings_of
from parley.analytics.replay_capture.actions import keep
from parley.analytics.replay_capture.rules.batches import Snapshot, snapshots_of
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Throttled, Unavailable
from parley.kernel.http.authorization import Project, public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of, site_of
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit, SlotLimit, Turns, count_accepted, counted_for, per_address
from parley.people.events.bodies import encoded_body, received_body, token_in_query
from parley.people.events.errors import CaptureRefused
from parley.people.events.rules.decoding import EncodedBody, decoded
from parley.people.events.rules.tokens import checked_token
from parley.people.events.senders import TRANSIENT, captured, is_known, may_be_known
from parley.people.events.throttling import EXCEPTION_HANDLERS

MAX_SENT_BYTES, MAX_BYTES = 4 * 1024 * 1024, 8 * 1024 * 1024
"""A request may be so large, and hold so much once it is unpacked. Recorders send batches of up to 1 MB."""
LARGE = 1024 * 1024
LARGE_BODIES = SlotLimit("replay-large-bodies", 8)
LARGE_OF_ADDRESS = SlotLimit("replay-large-bodies-of-address", 3)
UNIT = 32 * 1024
HELD, HELD_OF_ADDRESS = SlotLimit("replay-held", 1536), SlotLimit("replay-held-of-address", 384)
"""So much of what is sent may be in memory until it is kept, 48 MiB in units, and 12 MiB of one address.

It takes about three times as much: as it came, as it is stored, and what belongs to a request.
"""


def _busy() -> CaptureRefused:
    return CaptureRefused(TRANSIENT, 503)


_reading = Turns(2, waiting_of_key=16, waiting=64, refusal=_busy)
_large = asyncio.Semaphore(1)
"""So many bodies, and large ones, are unpacked and read at the same time, so that their size doesn't add up."""
PER_ADDRESS = Limit("replay-address", 1200, MINUTE_S)
PER_PROJECT = Limit("replay-project", 36_000, MINUTE_S)
BYTES_OF_ONE = 256 * 1024
SNAPSHOTS_OF_ONE = 5
"""So much of what is sent, once it is unpacked, counts as one request, and so many batches, which make a file each."""
replay_counted = per_address(PER_ADDRESS)
NOT_NOW = {"status": 1, "quota_limited": ["recordings"]}
"""Recorders that read this send nothing for a minute."""
PROBLEM = DocumentedAnswer("The body can't be read, or an event breaks a rule.", (str,))
DOCUMENTED: dict[str, Any] = {
    "problem": str,
    "media_types": ("application/json", "text/plain", "application/x-www-form-urlencoded"),
    "query": [
        Query("compression", "How the body is packed: `gzip`, `gzip-js`, `base64` or `lz64`."),
        Query("token", "The project token, where the body doesn't hold it."),
        Query("beacon", "`1` asks for an empty answer."),
    ],
    "answers": {
        200: DocumentedAnswer(
            "The batches are kept; or, with `quota_limited`, recording is off or a limit is reached.",
            (dict[str, Any],),
        ),
        204: DocumentedAnswer("The same, for a beacon."),
        400: PROBLEM,
        401: DocumentedAnswer("There is no well-formed project token.", (str,)),
        413: DocumentedAnswer("The body is too large.", (str,)),
        429: DocumentedAnswer("Too many requests.", (str,)),
        503: DocumentedAnswer(
            "The storage or the database does not answer; the same request may pass later.", (str, ErrorBody)
        ),
    },
}


@post(
    ["/s", "/ses"],
    status_code=200,
    guards=[public, replay_counted],
    request_max_body_size=MAX_SENT_BYTES,
    opt=documented(body=Any, **DOCUMENTED),
    exception_handlers=EXCEPTION_HANDLERS,
)
async def capture_snapshots(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Take batches of a recorder (`$snapshot`); those of a token that belongs to no project are dropped."""
    of_query = token_in_query(request)
    if of_query is not None and not await is_known(request, checked_token(of_query)):
        return captured(request)
    async with _held(request, services):
        async with _room(request, services):
            project, snapshots, n_bytes = await _read(request, services, of_query)
        if project is None:
            return captured(request)
        return await _answer(request, services, project, snapshots, n_bytes)


async def _answer(
    request: ParleyRequest, services: Services, project: Project, snapshots: list[Snapshot], n_bytes: int
) -> Response[Any]:
    if not recording_settings_of(project.recording_settings).session_recording_opt_in:
        return Response(NOT_NOW)
    await _count(request, services, project, n_bytes, len(snapshots))
    try:
        is_kept = await keep(services, project, snapshots, request.client_address)
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error
    return captured(request) if is_kept else Response(NOT_NOW)


def _held(request: ParleyRequest, services: Services) -> AbstractAsyncContextManager[None]:
    """Bound what waits for the storage and the database."""
    sent = MAX_SENT_BYTES if request.content_length is None else request.content_length
    n = max(1, ceil(min(sent, MAX_SENT_BYTES) / UNIT))  # nothing is kept of a body that is too large
    return _taken(request, services, (HELD, ""), (HELD_OF_ADDRESS, _line_of(request)), n=n)


def _room(request: ParleyRequest, services: Services) -> AbstractAsyncContextManager[None]:
    """Let only a few large bodies into memory."""
    if 0 <= (request.content_length if request.content_length is not None else LARGE + 1) <= LARGE:
        return nullcontext()
    return _taken(request, services, (LARGE_BODIES, ""), (LARGE_OF_ADDRESS, _line_of(request)))


@asynccontextmanager
async def _taken(
    request: ParleyRequest, services: Services, *wanted: tuple[SlotLimit, str], n: int = 1
) -> AsyncIterator[None]:
    """Take `n` places of each; raises CaptureRefused (503) where there are none, after which recorders try again."""
    with ExitStack() as stack:
        try:
            stack.enter_context(services.slots.taken(*wanted, n=n))
        except Throttled as error:
            await request.skip_body()
            raise CaptureRefused(TRANSIENT, 503) from error
        yield


def _line_of(request: ParleyRequest) -> str:
    """Return whose request it is, as far as an address tells: all networks of a line with IPv6 are one."""
    return site_of(request.client_address) or network_of(request.client_address)


async def _read(
    request: ParleyRequest, services: Services, of_query: str | None
) -> tuple[Project | None, list[Snapshot], int]:
    """Return whose batches these are, the batches, and how many bytes they are; nothing is parsed for a stranger."""
    encoded = encoded_body(request, await received_body(request), MAX_BYTES)
    async with _reading.taken(_line_of(request)):
        data = await _unpacked(request, services, encoded)
        if not await may_be_known(request, data, of_query):
            return None, [], 0
        async with _large if len(data) > LARGE else nullcontext():
            token, snapshots = await asyncio.to_thread(snapshots_of, data, of_query)
    try:
        project = await request.app.state.authenticator.project_by_api_token(token)
    except Unavailable as error:
        raise CaptureRefused(TRANSIENT, 503) from error
    return project, snapshots, len(data)


async def _unpacked(request: ParleyRequest, services: Services, encoded: EncodedBody) -> bytes:
    """Return the JSON text of a body. Its size is counted for its address, whatever becomes of it."""
    n_bytes = MAX_BYTES
    try:
        data = await asyncio.to_thread(decoded, encoded)
        n_bytes = len(data)
    finally:
        n = ceil(n_bytes / BYTES_OF_ONE) - 1  # it has been counted once
        if n > 0 and services.settings.limits_public:
            await services.throttles.hit(*counted_for(request.client_address, PER_ADDRESS) * n)
    return data


async def _count(
    request: ParleyRequest, services: Services, project: Project, n_bytes: int, n_snapshots: int
) -> None:
    """Count the request for its project, and for its address where it holds more batches than its size tells."""
    if services.settings.limits_public:
        by_size, by_batches = ceil(n_bytes / BYTES_OF_ONE), ceil(n_snapshots / SNAPSHOTS_OF_ONE)
        if by_batches > by_size:
            of_address = counted_for(request.client_address, PER_ADDRESS)
            await services.throttles.hit(*of_address * (by_batches - by_size))
        await count_accepted(request, *[(PER_PROJECT, str(project.id))] * max(by_size, by_batches))


handlers: list[Any] = [capture_snapshots]
