"""What a recording holds: its blocks, and the events in them."""

from collections.abc import AsyncIterator
from math import ceil
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from parley.analytics.recordings import RECORDING
from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.snapshots.block_stream import most_held, streamed_blocks
from parley.analytics.snapshots.places import SnapshotReader, count_pages, hold_memory, hold_place, reader_of
from parley.analytics.snapshots.queries import PAGE, blocks_in, snapshot_sources
from parley.analytics.snapshots.rules import BlockRange, asked_range
from parley.analytics.snapshots.schemas import SnapshotSources, StoredBlock
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.shared import needs_or_shared
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.services import Services

LINES = "application/jsonl"
HEADERS = {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding"}
QUERY = [
    Query("source", "`blob_v2` for events; without it the answer lists the blocks."),
    Query("blob_key", "The one block that is asked for.", int),
    Query("start_blob_key", "The first block that is asked for.", int),
    Query("end_blob_key", "The last one, at most 20 behind the first with an API key, else 100.", int),
    Query("decompress", "Whether to unpack what the SDK has packed inside of events; not with a link.", bool),
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
    reader = await reader_of(request, services)
    wanted = asked_range(request.query_params, is_key=reader.is_key, is_member=reader.is_member)
    hold_place(request, services, reader)
    if wanted is None:
        return await _sources(request, services, reader, recording_id)
    blocks = await _blocks(services, reader.project_id, recording_id, wanted)
    hold_memory(request, services, reader, most_held(blocks, is_unpacked=wanted.is_unpacked))
    return await _answer(request, services, reader.project_id, blocks, is_unpacked=wanted.is_unpacked)


async def _sources(
    request: ParleyRequest, services: Services, reader: SnapshotReader, session_id: str
) -> Stream:
    """Begin to send the list; it is read in pieces, and no connection is held while the client reads."""
    project_id = reader.project_id
    async with services.database.transaction(write=False) as db:
        found = await recording_by_id(db, project_id, session_id, services.clock.now())
    await count_pages(request, services, reader, ceil(found.n_blocks / PAGE))
    if request.is_head:
        return Stream(iter([b""]), headers=HEADERS, media_type=MediaType.JSON)
    coming = _listed(services, project_id, session_id)
    return Stream(_begun(await anext(coming), coming), headers=HEADERS, media_type=MediaType.JSON)


async def _listed(services: Services, project_id: int, session_id: str) -> AsyncIterator[bytes]:
    start, after, n_found = b'{"sources":[', -1, PAGE
    while n_found == PAGE:
        async with services.database.transaction(write=False) as db:
            found = await snapshot_sources(db, project_id, session_id, after)
        n_found = len(found)
        if found:
            after = int(found[-1].blob_key)
            yield start + msgspec.json.encode(found)[1:-1]
            start = b","
    yield b"]}" if start == b"," else start + b"]}"


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
