"""Which handlers keep their answers, and the seam between them and the claim."""

import inspect
from functools import partial
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency.answers import store

KEEPS = {"keeps_answers": True}
"""The `opt` of a route that opens `transaction_once` itself."""


def opens_once(handler: HTTPRouteHandler) -> bool:
    """Say whether the dependency `db` of this handler happens once for each key.

    That is every POST below /api/ which a scope opens. What only a session may do is left out: answers there show
    values of keys, which must not be stored.
    """
    is_scoped = any(getattr(guard, "admits", None) == "scope" for guard in handler.guards or ())
    is_post = "POST" in {str(getattr(method, "value", method)) for method in handler.http_methods}
    return is_scoped and is_post and "db" in inspect.signature(handler.fn).parameters


def keeps_answers(handler: HTTPRouteHandler) -> bool:
    """Say whether a route takes an `Idempotency-Key`."""
    return bool(handler.opt.get("keeps_answers")) or opens_once(handler)


def keep_answers_of(handler: HTTPRouteHandler) -> None:
    """Have a handler's answers stored where the request has a key: they are made inside the transaction."""
    if opens_once(handler):
        handler.opt["opens_once"] = True
        handler.to_response = partial(_kept, handler.to_response)  # type: ignore[method-assign]


async def _kept(to_response: Any, app: Any, data: Any, request: ParleyRequest) -> ASGIApp:
    answer: ASGIApp = await to_response(app=app, data=data, request=request)
    if "idempotency" in request.scope["state"]:
        status: Any = getattr(answer, "status", None) or getattr(answer, "status_code", 500)
        await store(request, status, getattr(answer, "body", None))
    return answer
