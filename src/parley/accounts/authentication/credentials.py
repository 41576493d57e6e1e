"""Where a request may have a personal API key."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException

from parley.kernel.errors import AppError
from parley.kernel.http.body import parse
from parley.kernel.http.cookies import SAFE_METHODS
from parley.kernel.http.request import KEY_PARAMETER

IN_HEADER = "Authorization header"


async def key_of(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[str, str] | None:
    """Return a key and where it was: in the Authorization header, else in the body, else in the query string."""
    header = connection.headers.get("authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip(), IN_HEADER
    body_key = await _key_in_body(connection)
    if body_key is not None:
        return body_key, "body"
    query_key = connection.query_params.get(KEY_PARAMETER)
    if query_key is not None:
        return query_key, "query string"
    return None


async def _key_in_body(connection: Any) -> str | None:
    if connection.scope["method"] in SAFE_METHODS or not hasattr(connection, "body"):
        return None
    try:
        raw = await connection.body()
        if b"personal_api_key" not in raw:
            return None
        key = parse(raw, connection.headers.get("content-type", "")).get("personal_api_key")
    except (AppError, HTTPException):
        return None  # the handler that reads the body says what is wrong with it
    return key if isinstance(key, str) else None
