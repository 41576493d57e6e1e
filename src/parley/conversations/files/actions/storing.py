"""The content of a file is stored: measured, typed, and looked at when it is an image."""

from collections.abc import AsyncIterator
from hashlib import sha256

import msgspec
from sqlalchemy import delete, insert, update

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.files.actions.usage import add_usage
from parley.conversations.files.errors import FileTooLarge, StorageQuotaReached, UploadMismatch
from parley.conversations.files.queries import locked_file, used_bytes
from parley.conversations.files.rules.limits import MOST_BYTES, quota_of
from parley.conversations.files.rules.names import cleaned_name
from parley.conversations.files.rules.types import IMAGES, LOOKED_AT, UNKNOWN, content_type_of
from parley.conversations.files.schemas import File, NewFile
from parley.conversations.files.tables import file
from parley.conversations.files.thumbnails import MOST_SOURCE_BYTES, thumbnail_of
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from parley.kernel.storage.errors import NoSuchObject, StorageAway
from parley.kernel.text.sizes import human_size

CHUNK = 256 * 1024


async def store_file(services: Services, project_id: int, new: NewFile) -> File:
    """Store a file of a project, to be attached to a message within a day. Has transactions of its own; no other is open.

    Raises FileTooLarge, StorageQuotaReached, and StorageAway; then nothing of it is left, or the daily job removes it.
    """
    return await receive_content(services, await announce_alone(services, project_id, new), new.content)


async def announce_alone(services: Services, project_id: int, new: NewFile) -> File:
    """Announce a file in a transaction of its own."""

    async def announce() -> File:
        async with services.database.transaction() as db:
            return await announce_file(db, services, project_id, new)

    return await call_again(announce)


async def announce_file(
    db: Db, services: Services, project_id: int, new: NewFile, size: int = 0, digest: str = ""
) -> File:
    """Note that the content of a file is about to be stored, so that nothing is ever stored that no row names.

    Raises StorageQuotaReached.
    """
    quota = await _quota(db, project_id)
    if await used_bytes(db, project_id) + size > quota:
        raise StorageQuotaReached(human_size(quota))
    found = File(
        project_id=project_id,
        id=new_uuid(),
        comment_id=None,
        name=cleaned_name(new.name),
        content_type=UNKNOWN,
        size_bytes=size,
        sha256=digest,
        content_id=new.content_id[:250] if new.content_id else None,
        is_inline=new.is_inline,
        has_thumbnail=False,
        uploaded_by=new.uploaded_by,
        created_at=services.clock.now(),
        stored_at=None,
    )
    await db.execute(insert(file).values(msgspec.structs.asdict(found)))
    return found


async def receive_content(services: Services, announced: File, content: bytes | AsyncIterator[bytes]) -> File:
    """Store the content of an announced file, and note it. The same content may come twice."""
    stored = await put_content(services, announced, content)

    async def settle() -> None:
        async with services.database.transaction() as db:
            await settle_file(db, stored)

    try:
        await call_again(settle)
    except (NotFound, StorageQuotaReached):
        await discard_file(services, stored)
        raise
    return stored


async def put_content(services: Services, announced: File, content: bytes | AsyncIterator[bytes]) -> File:
    """Store the content of an announced file; return what it turns out to be, which is to be noted (`settle_file`).

    Where a digest was announced, other content than that is refused before it is stored.
    """
    measured = Measured(content, announced)
    await services.storage.put(announced.key, measured.chunks())
    content_type = content_type_of(measured.head, announced.name)
    return msgspec.structs.replace(
        announced,
        size_bytes=measured.size,
        sha256=measured.digest.hexdigest(),
        content_type=content_type,
        has_thumbnail=await _has_thumbnail(services, announced, content_type, measured.size),
        stored_at=services.clock.now(),
    )


class Measured:
    """Content on its way: how much it was so far, its digest, and its first bytes. Stops what was not announced."""

    def __init__(self, content: bytes | AsyncIterator[bytes], announced: File) -> None:
        self._content, self._announced = content, announced
        self.size, self.head, self.digest = 0, b"", sha256()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the content; raises FileTooLarge and UploadMismatch, so that nothing of it is stored."""
        async for chunk in _pieces(self._content) if isinstance(self._content, bytes) else self._content:
            self.size += len(chunk)
            if self.size > MOST_BYTES:
                raise FileTooLarge
            self.digest.update(chunk)
            if len(self.head) < LOOKED_AT:
                self.head += chunk[: LOOKED_AT - len(self.head)]
            yield chunk
        if self._announced.sha256 and self.size != self._announced.size_bytes:
            raise UploadMismatch("size")
        if self._announced.sha256 not in ("", self.digest.hexdigest()):
            raise UploadMismatch("sha256")


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), CHUNK):
        yield content[at : at + CHUNK]


async def _has_thumbnail(services: Services, of: File, content_type: str, size: int) -> bool:
    """Make a thumbnail of an image, and say whether there is one: only what could be read whole is shown in pages."""
    if content_type not in IMAGES or size > MOST_SOURCE_BYTES:
        return False
    try:
        made = await thumbnail_of(
            await services.storage.read(of.key, MOST_SOURCE_BYTES), IMAGES[content_type]
        )
    except NoSuchObject as error:
        raise StorageAway from error  # it was there a moment ago
    if made is not None:
        await services.storage.put(of.thumbnail_key, made)
    return made is not None


async def settle_file(db: Db, stored: File) -> None:
    """Note what was stored, once; raises NotFound where the announcement is gone, because it took longer than a day."""
    quota = await _quota(db, stored.project_id)
    found = await locked_file(db, stored.project_id, stored.id)
    if found is None:
        raise NotFound
    if found.stored_at is not None:
        return  # the same content came twice
    this = (file.c.project_id == stored.project_id, file.c.id == stored.id)
    values = ("size_bytes", "sha256", "content_type", "has_thumbnail", "stored_at")
    await db.execute(update(file).where(*this).values({name: getattr(stored, name) for name in values}))
    await add_usage(db, stored.project_id, stored.size_bytes, quota)


async def discard_file(services: Services, refused: File) -> None:
    """Remove a file that can't be kept."""
    async with services.database.transaction() as db:
        await db.execute(delete(file).where(file.c.project_id == refused.project_id, file.c.id == refused.id))
    await services.storage.delete([refused.key, refused.thumbnail_key])


async def _quota(db: Db, project_id: int) -> int:
    found = await projects_by_ids(db, [project_id])
    if project_id not in found:
        raise NotFound
    return quota_of(found[project_id].settings)
