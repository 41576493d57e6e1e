"""The SDK's own scripts, under the names that it asks for."""

import asyncio
import re

from litestar import Response, get
from litestar.params import FromPath

from parley.conversations.widget import sdk
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}(-[0-9A-Za-z.-]{1,40})?", re.ASCII)
HOUR, YEAR = "public, max-age=3600", "public, max-age=31536000, immutable"


@get("/static/{name:str}", guards=[public], include_in_schema=False)
async def send_file(request: ParleyRequest, name: FromPath[str]) -> Response[bytes]:
    """Send a script of the SDK."""
    return await _answer(request, name, HOUR)


@get("/static/{version:str}/{name:str}", guards=[public], include_in_schema=False)
async def send_versioned_file(
    request: ParleyRequest, version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Send a script to a page whose SDK has this version; a part that differs is better than none."""
    if not VERSION.fullmatch(version):
        raise NotFound
    return await _answer(request, name, YEAR if version == sdk.version() else HOUR)


async def _answer(request: ParleyRequest, name: str, cache_control: str) -> Response[bytes]:
    script = await asyncio.to_thread(sdk.script, name, gzipped=request.accepts_gzip)
    if script is None:
        raise NotFound
    headers = {"Cache-Control": cache_control, "ETag": script.tag, "Vary": "Accept-Encoding"}
    if script.tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers, media_type="text/javascript")
    if script.is_gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(script.content, headers=headers, media_type="text/javascript")
