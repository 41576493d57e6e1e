"""How answers leave: JSON written once and sent without detours."""

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import MediaType, Response
from litestar.serialization import default_serializer
from litestar.types import ASGIApp, Receive, Scope, Send

JSON = MediaType.JSON.value
ENCODER = msgspec.json.Encoder(enc_hook=default_serializer)
HAVE_NO_BODY = (204, 304)


class JsonResponse(Response[Any]):
    """The response of every handler that returns plain data.

    Litestar's own way from a struct to the wire builds and merges headers and cookies that plain JSON doesn't have.
    """

    def to_asgi_response(self, app: Any, request: Any, **given: Any) -> ASGIApp:  # type: ignore[override]
        status = self.status_code or given.get("status_code") or 200
        is_plain = not (
            self.headers
            or self.cookies
            or self.background
            or given.get("headers")
            or given.get("cookies")
            or given.get("background")
            or status in HAVE_NO_BODY
            or isinstance(self.content, (str, bytes))
        )
        if is_plain and (self.media_type or given.get("media_type") or JSON) == JSON:
            return _Json(status, ENCODER.encode(self.content))
        return super().to_asgi_response(app, request, **given)


class _Json:
    """An ASGI application that sends one JSON text."""

    __slots__ = ("body", "status")

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, self.status, self.body)


async def send_json(
    send: Send, status: int, body: bytes, more_headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send one JSON text as the whole answer."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *more_headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
