"""What every request of an identity provider has in common: its body is read, it is answered, and it is logged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import IntegrityError

from parley.accounts.domains.queries import Domain
from parley.accounts.scim.access import domain_of_request, take_turn, turn_in_process
from parley.accounts.scim.actions.request_log import Exchange, log_change, log_request
from parley.accounts.scim_messages.errors import error_body
from parley.accounts.scim_messages.library import load_library
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Unavailable, UnsupportedMediaType
from parley.kernel.http.error_responses import answer_anything, answer_app_error, answer_http_exception
from parley.kernel.http.json_response import ENCODER
from parley.kernel.http.request import MAX_BODY_BYTES, ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.json_text import strict_json

MEDIA_TYPE = "application/scim+json"
MEDIA_TYPES = (MEDIA_TYPE, "application/json", "")


class ScimAnswer(msgspec.Struct, frozen=True):
    """A resource, or nothing for 204."""

    body: Any = None
    status: int = 200


class ScimCall(msgspec.Struct, frozen=True):
    """One request: whose token it has, the path of the domain's endpoint, and the body that it sends, None without one.

    `reading` is what a reader has made of the body, or its refusal.
    """

    request: ParleyRequest
    services: Services
    domain: Domain
    base: str
    body: Any
    reading: Any = None

    def read(self) -> Any:
        """Return what the body asks for, or raise its refusal: not before what the path names was looked for."""
        if isinstance(self.reading, AppError):
            raise self.reading
        return self.reading


Doing = Callable[[Db, ScimCall], Awaitable[ScimAnswer]]
Reader = Callable[[Any], Any]


async def answer(
    request: ParleyRequest, services: Services, do: Doing, reader: Reader | None = None
) -> Response[Any]:
    """Do what is asked in one transaction, and return the answer; raises AppError. Both are logged.

    What takes long to read is left to `reader`, in a thread and before the transaction: nobody waits for that. A change that
    has met one which came by another way, such as the pages, is done again with what there is by then.
    """
    began = time.perf_counter()
    domain = domain_of_request(request)
    sent: Any = None
    try:
        await load_library()
        if request.method in ("POST", "PUT", "PATCH"):
            sent = await _body(request)
        reading = await asyncio.to_thread(_read, reader, sent) if reader else None
        call = ScimCall(request, services, domain, f"/scim/v2/{domain.id}", sent, reading)
        is_change = request.method != "GET"
        try:
            told = await _done(do, call, began, is_change=is_change)
        except IntegrityError:
            told = await _done(do, call, began, is_change=is_change)
    except Unavailable:
        raise  # the database couldn't log it, or has undone it for the request to be tried again as if nothing had been
    except AppError as error:
        refusal = ScimAnswer(_shaped(error.body(), error.status), error.status)
        await log_request(services, domain.id, request, _exchange(sent, refusal, began))
        raise
    if not is_change:
        # The identity provider has its answer by then: it asks once for everybody before it changes them.
        asked = _exchange(sent, told, began)
        request.at_end(lambda _: log_request(services, domain.id, request, asked))
    return _response(told.body, told.status)


async def _done(do: Doing, call: ScimCall, began: float, *, is_change: bool) -> ScimAnswer:
    request, services, domain = call.request, call.services, call.domain
    turn = turn_in_process(services, domain, is_change=is_change)
    async with turn, services.database.transaction(write=is_change) as db:
        if is_change:
            await take_turn(db, domain)
        told = await do(db, call)
        if is_change:
            await log_change(db, services, domain.id, request, _exchange(call.body, told, began))
    return told


def _read(reader: Reader, sent: Any) -> Any:
    try:
        return reader(sent)
    except AppError as error:
        return error


async def _body(request: ParleyRequest) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise UnsupportedMediaType(kind[:100])
    return strict_json(await request.body())


def _exchange(sent: Any, told: ScimAnswer, began: float) -> Exchange:
    return Exchange(sent, told.status, told.body, round((time.perf_counter() - began) * 1000))


def _response(body: Any, status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    content = b"" if body is None else ENCODER.encode(body)
    location = body["meta"]["location"] if status == 201 else None
    fields = {**(headers or {}), **({"Location": location} if location else {})}
    return Response(content, status_code=status, headers=fields, media_type=MEDIA_TYPE)


def _shaped(body: dict[str, Any], status: int) -> dict[str, Any]:
    """Return the body of an error in the shape of SCIM."""
    return body if "schemas" in body else error_body(status, body["detail"])


def _in_shape(plain: Response[Any]) -> Response[Any]:
    status = plain.status_code or 500
    return _response(_shaped(plain.content, status), status, dict(plain.headers))


def _refused(request: ParleyRequest, error: AppError) -> Response[Any]:
    return _in_shape(answer_app_error(request, error))


def _refused_by_framework(request: ParleyRequest, error: HTTPException) -> Response[Any]:
    return _in_shape(answer_http_exception(request, error))


def _unexpected(request: ParleyRequest, error: Exception) -> Response[Any]:
    return _in_shape(answer_anything(request, error))


COMMON: dict[str, Any] = {
    "include_in_schema": False,
    "request_max_body_size": MAX_BODY_BYTES,
    "exception_handlers": {
        AppError: _refused,
        HTTPException: _refused_by_framework,
        Exception: _unexpected,
    },
}
"""What all handlers share."""
