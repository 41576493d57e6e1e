"""What a recording holds: its blocks, and the events in them."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from parley.analytics.recordings import RECORDING
from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.snapshots.block_stream import streamed_blocks
from parley.analytics.snapshots.queries import blocks_in, snapshot_sources
from parley.analytics.snapshots.rules import BlockRange, asked_range
from parley.analytics.snapshots.schemas import SnapshotSources, StoredBlock
from parley.kernel.dependencies import ServicesDependency, provide_actor
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.shared import needs_or_shared, shared_of
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, SlotLimit

LINES = "application/jsonl"
HEADERS = {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding"}
KEY_LIMITS = (Limit("snapshots-key", 120, MINUTE_S), Limit("snapshots-key-hour", 600, HOUR_S))
PER_ADDRESS = SlotLimit("snapshots-of-address", 20)
PER_PROJECT = SlotLimit("snapshots-of-project", 100)
QUERY = [
    Query("source", "`blob_v2` for events; without it the answer lists the blocks."),
    Query("blob_key", "The one block that is asked for.", int),
    Query("start_blob_key", "The first block that is asked for.", int),
    Query("end_blob_key", "The last one, at most 20 behind the first with an API key, else 100.", int),
    Query("decompress", "Whether to unpack what the SDK has packed inside of events.", bool),
]
ANSWER = DocumentedAnswer(
    "Which blocks there are, or the events of some: on each line a JSON list of window id and event of rrweb.",
    (SnapshotSources, str),
    text_type=LINES,
)


@get(
    f"{RECORDING}/snapshots",
    guards=[needs_or_shared("session_recording:read", "recording", "recording_id")],
    opt=documented(query=QUERY, answers={200: ANSWER}, errors={503: "The storage is away."}),
)
async def show_snapshots(
    recording_id: FromPath[str],
    request: ParleyRequest,
    services: ServicesDependency,
) -> Response[Any]:
    """Show which blocks a recording has, or send the events of some of them."""
    project_id, is_key = await _caller(request, services)
    wanted = asked_range(request.query_params, is_key=is_key)
    if wanted is None:
        return Response(await _sources(services, project_id, recording_id), headers=HEADERS)
    blocks = await _blocks(services, project_id, recording_id, wanted)
    _hold(request, services, project_id)
    return await _answer(request, services, project_id, blocks, is_unpacked=wanted.is_unpacked)


async def _caller(request: ParleyRequest, services: Services) -> tuple[int, bool]:
    """Return the project, and whether a key asks; count what it reads, where the settings limit keys. Raises Throttled."""
    if shared := shared_of(request):
        return shared.project_id, False
    actor = provide_actor(request)
    if services.settings.limits_keys and actor.principal.key_id is not None:
        await services.throttles.hit(*((limit, actor.principal.key_id) for limit in KEY_LIMITS))
    return actor.project_id, actor.principal.is_key


def _hold(request: ParleyRequest, services: Services, project_id: int) -> None:
    """Take a place for an answer that may be read slowly, and holds a block meanwhile; raises Throttled."""
    places = ((PER_ADDRESS, f"{project_id} {request.client_address}"), (PER_PROJECT, str(project_id)))
    held = services.slots.taken(*places)
    held.__enter__()

    async def give_back(_: int) -> None:
        held.__exit__(None, None, None)

    request.at_end(give_back)


async def _sources(services: Services, project_id: int, session_id: str) -> SnapshotSources:
    async with services.database.transaction(write=False) as db:
        await recording_by_id(db, project_id, session_id, services.clock.now())
        return SnapshotSources(await snapshot_sources(db, project_id, session_id))


async def _blocks(
    services: Services, project_id: int, session_id: str, wanted: BlockRange
) -> list[StoredBlock]:
    async with services.database.transaction(write=False) as db:
        await recording_by_id(db, project_id, session_id, services.clock.now())
        found = await blocks_in(db, project_id, session_id, wanted)
    if not found:
        raise NotFound("Block not found")
    return found


async def _answer(
    request: ParleyRequest,
    services: Services,
    project_id: int,
    blocks: list[StoredBlock],
    *,
    is_unpacked: bool,
) -> Stream:
    """Begin to send; what goes wrong with the first block is answered with an error."""
    is_packed = "gzip" in request.headers.get("accept-encoding", "").lower()
    headers = HEADERS | ({"Content-Encoding": "gzip"} if is_packed else {})
    if request.is_head:
        return Stream(iter([b""]), headers=headers, media_type=LINES)
    coming = streamed_blocks(
        services.storage, project_id, blocks, is_packed=is_packed, is_unpacked=is_unpacked
    )
    return Stream(_begun(await anext(coming), coming), headers=headers, media_type=LINES)


async def _begun(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece


handlers: list[Any] = [show_snapshots]
