"""Bodies that are too large to be held in memory: read piece by piece, a form part by part."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from parley.kernel.database.retries import STREAMED
from parley.kernel.errors import ParseFailed, TooLarge, UnsupportedMediaType
from parley.kernel.http.request import MAX_SKIPPED_BYTES, ParleyRequest
from parley.kernel.http.time_limit import BODY_S, BODY_TIME

SLOWEST = 64 * 1024
"""Bytes in a second: who sends less of a large body is cut off."""
BEGUN, ENDED = "parley_body_begun", "parley_body_ended"
MOST_PARTS = 200
MOST_HEADER_BYTES = 64 * 1024
"""The name of a file is part of a header, and others may have given it."""
MOST_TEXT_BYTES = 256 * 1024


class FormPart(msgspec.Struct, frozen=True):
    """A field of a form, or a file in it. The chunks are read before the next part is asked for, or skipped then."""

    name: str
    filename: str | None
    chunks: AsyncIterator[bytes]

    async def text(self) -> str:
        """Return the value of a field; raises TooLarge and ParseFailed."""
        value = bytearray()
        async for chunk in self.chunks:
            value += chunk
            if len(value) > MOST_TEXT_BYTES:
                raise TooLarge
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise ParseFailed("The form is not valid UTF-8.") from error


async def body_chunks(request: ParleyRequest) -> AsyncIterator[bytes]:
    """Yield the body as it arrives; nothing of it is kept. Raises TooLarge above the limit of the route, and ParseFailed."""
    scope: dict[str, object] = request.scope  # type: ignore[assignment]
    scope[STREAMED] = b""
    scope[BEGUN] = False
    scope[BODY_TIME] = BODY_S + (request.content_length or 0) / SLOWEST
    try:
        async for chunk in request.stream():
            scope[BEGUN] = True
            yield chunk
        scope[ENDED] = True
    except RequestEntityTooLarge as error:
        await request.skip_body()
        raise TooLarge from error
    except InternalServerException as error:
        raise ParseFailed("The request body ended before it was complete.") from error


async def skip_rest(request: ParleyRequest) -> None:
    """Read what is left of a streamed body that is refused, so that the client reads the answer; not without bound."""
    if request.waits_to_send and not request.scope.get(BEGUN):
        return
    left = MAX_SKIPPED_BYTES
    while left > 0 and not request.scope.get(ENDED):
        message: Any = await request.receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body"):
            return


async def form_parts(request: ParleyRequest, most: int = MOST_PARTS) -> AsyncIterator[FormPart]:
    """Yield the parts of a multipart form in their order. Raises UnsupportedMediaType, ParseFailed and TooLarge.

    What is no UTF-8 in the name of a field or a file becomes U+FFFD: whoever sends a file has seldom named it.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        raise UnsupportedMediaType(kind[:100])
    if not options.get("boundary"):
        raise ParseFailed("Multipart form parse error - Invalid boundary in multipart.")
    events = _events(request, options["boundary"], most)
    async for event in events:
        if isinstance(event, MultipartSegment):
            filename = None if event.filename is None else _utf8(event.filename)
            part = FormPart(_utf8(event.name or ""), filename, _until_end(events))
            yield part
            async for _ in part.chunks:
                pass


async def _until_end(events: AsyncIterator[MultipartSegment | bytes | None]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        if isinstance(event, bytes):
            yield event


def _utf8(text: str) -> str:
    """Decode what the parser has read byte by byte."""
    return text.encode("latin-1").decode("utf-8", "replace")


async def _events(
    request: ParleyRequest, boundary: str, most: int
) -> AsyncIterator[MultipartSegment | bytes | None]:
    limits = {"max_segment_count": most, "max_header_size": MOST_HEADER_BYTES}
    try:
        with PushMultipartParser(boundary, header_charset="latin-1", **limits) as parser:
            async for chunk in body_chunks(request):
                for event in parser.parse(chunk) if chunk else ():
                    yield bytes(event) if isinstance(event, bytearray) else event
    except MultipartError as error:
        raise ParseFailed("Multipart form parse error.") from error
