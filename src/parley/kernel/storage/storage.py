"""The storage of this process, over obstore: a folder, or a bucket of S3 and what speaks like it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import msgspec
import structlog

from parley.kernel.storage.errors import NoSuchObject, StorageAway
from parley.kernel.storage.folder import check_usable, flush, make_private
from parley.kernel.storage.keys import checked_key, object_key

if TYPE_CHECKING:
    from obstore.store import ClientConfig, LocalStore, RetryConfig, S3Store

log = structlog.get_logger(__name__)

MIB = 1024 * 1024
READ_BYTES = 256 * 1024
"""How much of an object is in memory while it is read."""
PART_BYTES = 5 * MIB
"""How much of an object is in memory while it is written; S3 takes no smaller parts (but the last)."""
FOLDER_PART_BYTES = 256 * 1024
MOST_DELETED = 1000
"""How many keys one request to S3 may delete."""


class StoredObject(msgspec.Struct, frozen=True):
    """An object that is being read: the size of the whole in bytes, and the chunks of what was asked for."""

    size: int
    chunks: AsyncIterator[bytes]


class Storage:
    """Stores whole objects under keys of `object_key`; each key is written once. Raises StorageAway when it can't.

    Nothing is connected, and obstore not even imported, before the first use.
    """

    def __init__(self, url: str | None, data_dir: Path) -> None:
        parts = urlsplit(url or "")
        self._bucket = parts.netloc if parts.scheme == "s3" else None
        self._prefix = parts.path.strip("/")
        self.folder = (
            None
            if self._bucket
            else Path(unquote(parts.path))
            if parts.scheme == "file"
            else data_dir / "files"
        )
        self._store: LocalStore | S3Store | None = None
        self._durable: dict[Path, tuple[int, int]] = {}  # one for each project, and the folder itself

    @property
    def place(self) -> str:
        """Where the objects are, in words for the people who run the server."""
        return f"the folder {self.folder}" if self.folder else f"the bucket {self._bucket}"

    async def put(self, key: str, content: bytes | AsyncIterator[bytes]) -> None:
        """Store the whole object or nothing; it is durable when this returns. Errors of the iterator come through.

        Safe to repeat: the last one wins. At most about 10 MB of a stream are in memory.
        """
        checked_key(key)
        part = FOLDER_PART_BYTES if self.folder else PART_BYTES
        with self._errors(missing=StorageAway):  # the bucket isn't there
            await self._usable().put_async(key, content, chunk_size=part, max_concurrency=1)
            if self.folder is not None:
                await asyncio.to_thread(flush, self.folder, key, self._durable)

    async def open(self, key: str, start: int = 0, end: int | None = None) -> StoredObject:
        """Open the bytes from `start` up to, not including, `end`; NoSuchObject when nothing is there.

        Each chunk is a request of its own, so a slow reader holds no connection.
        """
        with self._errors():
            size = (await self._usable().head_async(checked_key(key)))["size"]
        return StoredObject(size, self._chunks(key, start, size if end is None else min(end, size)))

    async def _chunks(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            with self._errors():
                chunk = await self._usable().get_range_async(
                    key, start=start, end=min(end, start + READ_BYTES)
                )
            yield bytes(chunk)
            start += len(chunk)

    async def read(self, key: str, most: int) -> bytes:
        """Return the object, or its first `most` bytes; NoSuchObject when nothing is there."""
        opened = await self.open(key, 0, most)
        return b"".join([chunk async for chunk in opened.chunks])

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete these objects; what isn't there is deleted already."""
        wanted = [checked_key(key) for key in keys]
        with self._errors():
            store = self._usable()
            if self.folder is None:
                for at in range(0, len(wanted), MOST_DELETED):
                    await store.delete_async(wanted[at : at + MOST_DELETED])
                return
            for key in wanted:
                with suppress(FileNotFoundError):
                    await store.delete_async(key)

    async def delete_all(self, project_id: int) -> None:
        """Delete everything of a project that is gone."""
        while keys := await self._some_keys(f"{int(project_id)}/"):
            await self.delete(keys)

    async def keys_after(self, key: str) -> AsyncIterator[list[str]]:
        """Yield the keys of the same project and kind that come after this one, some at a time, in no order."""
        folder = checked_key(key).rpartition("/")[0]
        with self._errors():
            async for some in self._usable().list(folder, offset=key, chunk_size=MOST_DELETED):
                yield [one["path"] for one in some]

    async def _some_keys(self, prefix: str) -> list[str]:
        with self._errors():
            async for some in self._usable().list(prefix, chunk_size=MOST_DELETED):
                return [one["path"] for one in some]
        return []

    async def old_keys(
        self, project_id: int, kind: str, first: UUID, last: UUID, until: datetime
    ) -> AsyncIterator[list[str]]:
        """Yield the keys of a kind from one id to another whose objects were stored before a time, some at a time."""
        prefix, end = f"{int(project_id)}/{kind}/", object_key(project_id, kind, last)
        with self._errors():
            listed = self._usable().list(prefix, offset=f"{prefix}{first.hex}", chunk_size=MOST_DELETED)
            async for some in listed:
                yield [one["path"] for one in some if one["path"] <= end and one["last_modified"] < until]

    async def ping(self) -> None:
        """Raise StorageAway unless the storage answers; nothing is written."""
        if self.folder is not None:
            if self.folder.exists() or self._store is not None:  # it is made with the first object
                check_usable(self.folder)
            return
        with suppress(NoSuchObject), self._errors():
            await self._usable().head_async(object_key(0, "ping", uuid4()))

    async def probe(self) -> None:
        """Raise StorageAway unless an object can be written, read and deleted."""
        key = object_key(0, "probe", uuid4())
        await self.put(key, b"probe")
        if await self.read(key, 10) != b"probe":
            raise StorageAway
        await self.delete([key])

    def _usable(self) -> "LocalStore | S3Store":
        if self._store is None:
            self._store = self._opened()
        if self.folder is not None:
            check_usable(self.folder)
        return self._store

    def _opened(self) -> "LocalStore | S3Store":
        from obstore.store import LocalStore, S3Store  # 8 MB of memory, for those who store something

        if self.folder is not None:
            make_private(self.folder)
            return LocalStore(self.folder)
        return S3Store(
            self._bucket, prefix=self._prefix or None, client_options=_client(), retry_config=_retries()
        )

    @contextmanager
    def _errors(self, missing: type[Exception] = NoSuchObject) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as error:
            raise missing from error
        except (BaseError, OSError) as error:
            log.error("storage_unavailable", error=str(error).partition("\n")[0])
            raise StorageAway from error


def _client() -> "ClientConfig":
    """Say how long to wait; http is for whoever names it in AWS_ENDPOINT_URL, such as for a MinIO beside Parley."""
    return {
        "allow_http": True,
        "connect_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=60),
    }


def _retries() -> "RetryConfig":
    return {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
