"""Blocks of a recording on their way out of the storage: a few of them in memory, however long the recording is.

A block that can't be read is not left out silently. An event of rrweb stands in its place, of the type custom, which
players pass over.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
import structlog

from parley.analytics.recordings.schemas import OBJECT_KIND
from parley.analytics.snapshots.gzip_members import (
    STEP_BYTES,
    JoinedGzip,
    inflated,
    unpacked_size,
)
from parley.analytics.snapshots.packed_events import MOST_OF_EVENT, lines_of, unpacked_lines
from parley.analytics.snapshots.schemas import StoredBlock
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.storage.keys import object_key
from parley.kernel.storage.storage import Storage

log = structlog.get_logger(__name__)

READ_AHEAD_BYTES = 256 * 1024
MOST_READ_AHEAD = 4
MOST_UNPACKED_BYTES = 128 * 1024 * 1024
"""More than ingestion lets in, as JSON lines."""
UNPACKED_COPIES = 4
"""Times of the largest event that are held while one is unpacked: as it came, its part, its data, and the whole."""
UNREADABLE = "parley_block_unreadable"
NO_WINDOW = ""
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
        if joined and member is not None and not is_unpacked:
            content = await asyncio.to_thread(joined.add, member)
            for start in range(0, len(content), STEP_BYTES):
                yield content[start : start + STEP_BYTES]
            continue
        pieces = iter([_note_of(block)]) if member is None else _pieces_of(member, is_unpacked=is_unpacked)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield await asyncio.to_thread(joined.add_content, piece) if joined else piece
    if joined:
        yield joined.end()


def most_held(blocks: Sequence[StoredBlock], *, is_unpacked: bool) -> int:
    """Return how many bytes an answer with these blocks holds at most, however slowly it is read."""
    held = 2 * max(block.size_bytes for block in blocks) + READ_AHEAD_BYTES + STEP_BYTES
    return held + UNPACKED_COPIES * MOST_OF_EVENT if is_unpacked else held


def _pieces_of(member: bytes, *, is_unpacked: bool) -> Iterator[bytes]:
    """Yield what a block holds, STEP_BYTES at most at once."""
    if not is_unpacked:
        yield from inflated(member)
        return
    small, size = [], 0
    for line in unpacked_lines(lines_of(inflated(member))):
        small.append(line)
        size += len(line)
        if size >= STEP_BYTES:
            whole = b"".join(small)
            small, size = [], 0
            for start in range(0, len(whole), STEP_BYTES):
                yield whole[start : start + STEP_BYTES]
    if small:
        yield b"".join(small)


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
    """Return the line that stands for a block which can't be read; no recorded event has an empty window id."""
    event = {
        "type": CUSTOM,
        "timestamp": round(block.start_at.timestamp() * 1000),
        "data": {"tag": UNREADABLE, "payload": {"blob_key": str(block.number)}},
    }
    return msgspec.json.encode((NO_WINDOW, event)) + b"\n"
