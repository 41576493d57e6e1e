"""The content of files, for whoever has a link that this server has signed (docs/files.md#links)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from parley.conversations.files.attachments import file_links
from parley.conversations.files.queries import readable_file
from parley.conversations.files.rules.headers import SAFETY, disposition, served_type
from parley.conversations.files.rules.links import PATH
from parley.conversations.files.rules.ranges import NoSuchRange, wanted_range
from parley.conversations.files.schemas import File
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.services import Services
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.throttle import MINUTE_S, Limit, per_address

GONE = "This link has expired, or the file is gone. Open the conversation again for a new link."
LINK = PATH + "/{project_id:int}/{file_id:str}/{kind:str}/{until:int}/{signature:str}"
DOWNLOADS = Limit("files-address", 600, MINUTE_S)
ANSWERED_BY_NAME = [LINK, LINK + "/{name:str}"]


@get(ANSWERED_BY_NAME, guards=[public, per_address(DOWNLOADS)])
async def download_file(
    project_id: FromPath[int],
    file_id: FromPath[str],
    kind: FromPath[str],
    until: FromPath[int],
    signature: FromPath[str],
    request: ParleyRequest,
    services: ServicesDependency,
) -> Response[Any]:
    """Send a file, or its thumbnail, to whoever has a link of this server that works still; `Range` is understood."""
    wanted = uuid_in_path(file_id)
    if not file_links(services).is_valid(project_id, wanted, kind, until, signature):
        raise NotFound(GONE)
    found = await _readable(services, project_id, wanted)
    age = until - int(services.clock.now().timestamp())
    cached = {"Cache-Control": f"private, max-age={age}, immutable"}
    if kind == "thumbnail":
        return await _answer(request, services, found.thumbnail_key, _thumbnail_headers() | cached)
    return await _answer(request, services, found.key, _headers(found) | cached)


async def _readable(services: Services, project_id: int, file_id: UUID) -> File:
    async with services.database.transaction(write=False) as db:
        try:
            return await readable_file(db, project_id, file_id)
        except NotFound as error:
            raise NotFound(GONE) from error


def _headers(found: File) -> dict[str, str]:
    return {
        **SAFETY,
        "Content-Type": served_type(found.content_type),
        "Content-Disposition": disposition(found.name, is_inline=found.has_thumbnail),
        "ETag": f'"{found.sha256}"',
    }


def _thumbnail_headers() -> dict[str, str]:
    return {**SAFETY, "Content-Type": "image/webp", "Content-Disposition": "inline"}


async def _answer(
    request: ParleyRequest, services: Services, key: str, headers: dict[str, str]
) -> Response[Any]:
    """Stream an object, or the part of it that is asked for."""
    if "ETag" in headers and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(None, status_code=304, headers=headers)
    try:
        whole = await services.storage.open(key)
        part = _part(request, whole.size, headers)
    except NoSuchObject as error:
        raise NotFound(GONE) from error
    except NoSuchRange:
        return Response(None, status_code=416, headers={**SAFETY, "Content-Range": f"bytes */{whole.size}"})
    start, end = part or (0, whole.size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{whole.size}"
    opened = whole if part is None else await services.storage.open(key, start, end)
    chunks = _nothing() if request.is_head else opened.chunks
    return Stream(
        chunks, status_code=200 if part is None else 206, headers=headers, media_type=headers["Content-Type"]
    )


def _part(request: ParleyRequest, size: int, headers: dict[str, str]) -> tuple[int, int] | None:
    """Return the part that is asked for, unless it is of another version of the file; raises NoSuchRange."""
    if request.headers.get("if-range", headers.get("ETag")) != headers.get("ETag"):
        return None
    return wanted_range(request.headers.get("range", ""), size)


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


handlers: list[Any] = [download_file]
