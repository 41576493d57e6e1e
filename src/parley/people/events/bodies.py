"""The body of an SDK's request: received, and decoded to JSON text."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from litestar.exceptions import HTTPException, InternalServerException

from parley.kernel.http.request import ParleyRequest
from parley.people.events.errors import CaptureTooLarge, UndecodableBody
from parley.people.events.rules.decoding import MAX_BYTES, EncodedBody, decoded, is_json

R = TypeVar("R")

LARGE = 16 * 1024
"""Bodies over this size are read in a thread, so that other requests don't wait for them."""


def token_in_query(request: ParleyRequest) -> str | None:
    """Return the project token that the URL states, well-formed or not."""
    return request.query_params.get("token", request.query_params.get("api_key"))


async def received_body(request: ParleyRequest) -> bytes:
    """Return the body as it came; raises CaptureTooLarge, and UndecodableBody when it ended early."""
    try:
        return b"".join([piece async for piece in request.stream()])
    except InternalServerException as error:
        raise UndecodableBody("the body ended before it was complete") from error
    except HTTPException as error:
        await request.skip_body()
        raise CaptureTooLarge from error


def encoded_body(request: ParleyRequest, body: bytes, max_bytes: int = MAX_BYTES) -> EncodedBody:
    """Return a body with what the request says about its encoding."""
    return EncodedBody(
        body=body,
        content_type=request.headers.get("content-type", ""),
        content_encoding=request.headers.get("content-encoding", "").strip(),
        compression=request.query_params.get("compression", "").strip(),
        max_bytes=max_bytes,
    )


async def decoded_body(encoded: EncodedBody) -> bytes:
    """Return the JSON text of a body, decoded in a thread: few bytes may stand for many, in several layers."""
    is_slow = len(encoded.body) > LARGE or not is_json(encoded.body)
    return await in_thread_if(is_slow, decoded, encoded)


async def in_thread_if(is_slow: bool, function: Callable[..., R], *arguments: Any) -> R:
    """Call a function, in a thread where it would keep other requests waiting."""
    return await asyncio.to_thread(function, *arguments) if is_slow else function(*arguments)
