"""Files that pages load."""

from litestar import Response, get
from litestar.params import FromPath

from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.web.static_files import asset

A_DAY_S, A_YEAR_S = 86_400, 31_536_000


@get("/assets/{name:str}", guards=[public], include_in_schema=False)
async def show_asset(request: ParleyRequest, name: FromPath[str]) -> Response[bytes]:
    """Send one file; if the address has the digest of its content, browsers may cache it for ever."""
    return _sent(request, name)


@get("/favicon.ico", guards=[public], include_in_schema=False)
async def show_icon(request: ParleyRequest) -> Response[bytes]:
    """Send the icon to browsers that ask by the old name."""
    return _sent(request, "favicon.svg")


def _sent(request: ParleyRequest, name: str) -> Response[bytes]:
    found = asset(name)
    if found is None:
        raise NotFound
    has_version = request.query_params.get("v") == found.version
    headers = {
        "Cache-Control": f"public, max-age={A_YEAR_S}, immutable"
        if has_version
        else f"public, max-age={A_DAY_S}",
        "Vary": "Accept-Encoding",
    }
    if found.gzipped is not None and request.accepts_gzip:
        headers["Content-Encoding"] = "gzip"
        return Response(found.gzipped, media_type=found.kind, headers=headers)
    return Response(found.content, media_type=found.kind, headers=headers)


handlers = [show_asset, show_icon]
