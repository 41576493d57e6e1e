"""Blocks of a recording on their way out of the storage: a few of them in memory, however long the recording is.

A block that can't be read is not left out silently. An event of rrweb stands in its place, of the type custom, which
players pass over.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
import structlog

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.snapshots.gzip_members import (
    GZIP_WINDOW,
    STEP_BYTES,
    JoinedGzip,
    unpacked_size,
)
from parley.analytics.snapshots.packed_events import unpacked_lines
from parley.analytics.snapshots.schemas import StoredBlock
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.storage.keys import object_key
from parley.kernel.storage.storage import Storage

log = structlog.get_logger(__name__)

READ_AHEAD_BYTES = 4 * 1024 * 1024
MOST_READ_AHEAD = 4
MOST_UNPACKED_BYTES = 128 * 1024 * 1024
"""More than ingestion lets in, as JSON lines."""
UNREADABLE = "parley_block_unreadable"
CUSTOM = 5
"""The type of rrweb's events that mean something to whoever put them in."""


async def streamed_blocks(
    storage: Storage, project_id: int, blocks: Sequence[StoredBlock], *, is_packed: bool, is_unpacked: bool
) -> AsyncIterator[bytes]:
    """Yield the JSON lines of blocks, as one gzip file where `is_packed`; raises StorageAway.

    `is_unpacked` has the parts unpacked that the SDK has packed inside of events.
    """
    joined = JoinedGzip() if is_packed else None
    async for block, member in _members(storage, project_id, blocks):
        if member is None or is_unpacked:
            lines = _note_of(block) if member is None else await asyncio.to_thread(_unpacked, member)
            content = await asyncio.to_thread(joined.add_content, lines) if joined else lines
        elif joined:
            content = await asyncio.to_thread(joined.add, member)
        else:
            for piece in _inflated(member):
                yield piece
            continue
        for start in range(0, len(content), STEP_BYTES):
            yield content[start : start + STEP_BYTES]
    if joined:
        yield joined.end()


async def _members(
    storage: Storage, project_id: int, blocks: Sequence[StoredBlock]
) -> AsyncIterator[tuple[StoredBlock, bytes | None]]:
    """Yield the blocks with their content, None where it can't be read; the next ones are fetched meanwhile."""
    waiting: deque[tuple[StoredBlock, asyncio.Task[bytes | None]]] = deque()
    coming = deque(blocks)
    try:
        while coming or waiting:
            while coming and _has_room([block for block, _ in waiting], coming[0]):
                block = coming.popleft()
                waiting.append((block, asyncio.create_task(_sound_content(storage, project_id, block))))
            block, reading = waiting[0]
            yield block, await reading
            waiting.popleft()
    finally:
        for _, reading in waiting:
            reading.cancel()


def _has_room(waiting: Sequence[StoredBlock], following: StoredBlock) -> bool:
    ahead = sum(block.size_bytes for block in waiting) + following.size_bytes
    return not waiting or (len(waiting) < MOST_READ_AHEAD and ahead <= READ_AHEAD_BYTES)


async def _sound_content(storage: Storage, project_id: int, block: StoredBlock) -> bytes | None:
    """Return a block as it is stored, looked through once, so that nothing broken is sent."""
    try:
        content = await storage.read(
            object_key(project_id, OBJECT_KIND, block.object_id), block.size_bytes + 1
        )
    except NoSuchObject:
        content = b""
    is_whole = len(content) == block.size_bytes
    if is_whole and await asyncio.to_thread(unpacked_size, content, MOST_UNPACKED_BYTES) is not None:
        return content
    log.warning("recording_block_unreadable", project_id=project_id, object_id=str(block.object_id))
    return None


def _note_of(block: StoredBlock) -> bytes:
    """Return the line that stands for a block which can't be read."""
    event = {
        "type": CUSTOM,
        "timestamp": round(block.start_at.timestamp() * 1000),
        "data": {"tag": UNREADABLE, "payload": {"blob_key": str(block.number)}},
    }
    return msgspec.json.encode([block.window_id, event]) + b"\n"


def _inflated(member: bytes) -> Iterator[bytes]:
    inflater, data = zlib.decompressobj(GZIP_WINDOW), member
    while not inflater.eof:
        yield inflater.decompress(data, STEP_BYTES)
        data = inflater.unconsumed_tail


def _unpacked(member: bytes) -> bytes:
    return b"".join(unpacked_lines(zlib.decompress(member, GZIP_WINDOW)))
