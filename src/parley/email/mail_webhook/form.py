"""The posted form: short fields in memory, long ones and files on disk, so that a large mail costs no memory."""

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import unquote_to_bytes

import msgspec

from parley.email.mail_webhook.rules import FILE_FIELD
from parley.kernel.errors import ParseFailed, TooLarge
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.uploads import body_chunks, form_parts
from parley.kernel.storage.errors import StorageAway

SPOOLED = ("body-plain", "body-html", "body-mime", "stripped-html")
"""Fields that may be as long as a mail."""
IN_MEMORY = 64 * 1024
MOST_FIELD_BYTES, MOST_FIELDS_BYTES = 1024 * 1024, 2 * 1024 * 1024
MOST_FIELDS = 1000
MOST_NAME_BYTES = 4096
MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"


class PostedFile(msgspec.Struct, frozen=True):
    """A file of the form, and what the form calls it."""

    name: str
    filename: str
    file: IO[bytes]


class PostedForm:
    """The fields of a form. Whoever makes one closes it, and its files are gone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[IO[bytes]] = []
        self._n_bytes = self._n_fields = 0
        self.fields: dict[str, str] = {}
        self.repeated: set[str] = set()
        self.spooled: dict[str, IO[bytes]] = {}
        self.files: list[PostedFile] = []

    def __enter__(self) -> "PostedForm":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open:
            file.close()

    async def add(self, name: str, filename: str | None, chunks: AsyncIterator[bytes]) -> None:
        """Take in one field; raises TooLarge. Of two fields of one name the first counts, but for files."""
        self._n_fields += 1
        if self._n_fields > MOST_FIELDS:
            raise TooLarge
        is_file = filename is not None and name.startswith(FILE_FIELD)
        if is_file or (name in SPOOLED and name not in self.spooled):
            file = await self._stored(chunks)
            if is_file:
                self.files.append(PostedFile(name, filename or "", file))
            else:
                self.spooled[name] = file
            return
        value = bytearray()
        async for chunk in chunks:
            value += chunk
            self._n_bytes += len(chunk)
            if len(value) > MOST_FIELD_BYTES or self._n_bytes > MOST_FIELDS_BYTES:
                raise TooLarge
        if name in self.fields:
            self.repeated.add(name)
        self.fields.setdefault(name, value.decode("utf-8", "replace"))

    async def _stored(self, chunks: AsyncIterator[bytes]) -> IO[bytes]:
        file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(self._folder))  # noqa: SIM115
        self._open.append(file)
        async for chunk in chunks:
            try:
                file.write(chunk)
            except OSError as error:  # the disk of the data folder is full, or gone
                raise StorageAway from error
        return file


async def read_form(request: ParleyRequest, form: PostedForm) -> None:
    """Read the body of a request into a form; raises ParseFailed and TooLarge. Any other body has no fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == MULTIPART:
        async for part in form_parts(request, MOST_FIELDS):
            await form.add(part.name, part.filename, part.chunks)
    elif kind == URLENCODED:
        await _read_urlencoded(body_chunks(request), form)
    else:
        raise ParseFailed("Send a form.")


async def _read_urlencoded(chunks: AsyncIterator[bytes], form: PostedForm) -> None:
    source = _Pairs(chunks)
    while (name := await source.name()) is not None:
        await form.add(name, None, source.value())


class _Pairs:
    """Names and values of an urlencoded body, read as they arrive."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks, self._rest, self._is_done = chunks, b"", False

    async def _more(self) -> bool:
        chunk = await anext(self._chunks, None)
        self._is_done = chunk is None
        self._rest += chunk or b""
        return chunk is not None

    async def name(self) -> str | None:
        """Return the next name; None at the end. What has no value is a name, too."""
        while b"=" not in self._rest and b"&" not in self._rest:
            if len(self._rest) > MOST_NAME_BYTES:  # it is looked at anew with each piece that comes
                raise TooLarge
            if not await self._more():
                break
        if self._is_done and not self._rest:
            return None
        ends = [at for at in (self._rest.find(b"="), self._rest.find(b"&")) if at >= 0]
        end = min(ends, default=len(self._rest))
        name = self._rest[:end]
        # The `&` stays, so that the value is empty.
        self._rest = self._rest[end + (self._rest[end : end + 1] == b"=") :]
        return _decoded(name).decode("utf-8", "replace")

    async def value(self) -> AsyncIterator[bytes]:
        """Yield the value up to the next `&`; an escape is never divided."""
        while True:
            end = self._rest.find(b"&")
            if end >= 0 or self._is_done:
                part, self._rest = (self._rest, b"") if end < 0 else (self._rest[:end], self._rest[end + 1 :])
                yield _decoded(part)
                return
            safe = len(self._rest) - (2 if b"%" in self._rest[-2:] else 0)
            part, self._rest = self._rest[:safe], self._rest[safe:]
            if part:
                yield _decoded(part)
            await self._more()


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))
