"""Claiming a key: read from the request, held while the request runs, found again when it is repeated."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from litestar import Response
from sqlalchemy import BigInteger, bindparam, func, select

from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import STREAMED
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, IdempotencyKeyInUse, IdempotencyKeyReused, Invalid, PlainError
from parley.kernel.http.error_responses import answer_app_error, answer_plain_error
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency.answers import (
    ANSWERS_KEPT_FOR,
    ClaimedKey,
    Replayed,
    is_final,
    store,
)
from parley.kernel.idempotency.tables import idempotency_key

if TYPE_CHECKING:
    from parley.kernel.services import Services

HEADER = "idempotency-key"
MAX_LENGTH = 255
WRONG_KEY = "An Idempotency-Key has 1 to 255 printable ASCII characters."
InWords = Callable[[ParleyRequest, AppError], Response[Any]]


@asynccontextmanager
async def transaction_once(
    request: ParleyRequest,
    services: "Services",
    *,
    project_id: int,
    caller: str,
    key: str | None = None,
    in_words: InWords = answer_app_error,
) -> AsyncIterator[Db]:
    """Open the transaction of a request; with an `Idempotency-Key` it happens once, however often it is sent.

    A form, which sends no such header, hands its `key` in.

    The caller must `keep` the answer inside. An error that says no for good is kept, too, and its changes undone.
    Raises Replayed for a repeated request, IdempotencyKeyInUse, IdempotencyKeyReused, and Invalid for a key that is none.
    """
    key = key or request.headers.get(HEADER)
    if key is None:
        async with services.database.transaction() as db:
            yield db
        return
    claim = await _claim(request, key, project_id, caller)
    # Those of this process. SQLite has no other process; for these PostgreSQL keeps locks.
    if claim.digest in services.keys_in_use:
        raise IdempotencyKeyInUse
    services.keys_in_use.add(claim.digest)
    refused: AppError | PlainError | None = None
    try:
        async with services.database.transaction() as db:
            await _take(db, services, claim)
            request.scope["state"]["idempotency"] = (claim, db, services.vault)
            try:
                async with db.savepoint():
                    yield db
            except (AppError, PlainError) as error:
                if not is_final(error.status):
                    raise
                db.effects.clear()
                await _store_refusal(request, error, in_words)
                refused = error
    finally:
        services.keys_in_use.discard(claim.digest)
    if refused is not None:
        raise refused


async def _claim(request: ParleyRequest, key: str, project_id: int, caller: str) -> ClaimedKey:
    if not (key.strip() and key.isascii() and key.isprintable() and len(key) <= MAX_LENGTH):
        raise Invalid(WRONG_KEY, attr="Idempotency-Key")
    # Both prefixes of a project and `@current` name the same route.
    scope: Any = request.scope
    named = sorted((name, str(value)) for name, value in scope["path_params"].items() if name != "project_id")
    # What was streamed can't be read again: its handler says what stands for it.
    body: bytes = request.scope[STREAMED] if STREAMED in request.scope else await request.body()  # type: ignore[literal-required]
    return ClaimedKey(
        project_id=project_id,
        digest=_digest(str(project_id), caller, scope["path_template"], str(named), key),
        fingerprint=_digest(scope["query_string"].decode("latin-1"), sha256(body).hexdigest()),
    )


def _digest(*parts: str) -> str:
    return sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


_LOCK = Prepared(select(func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger))))


async def _take(db: Db, services: "Services", claim: ClaimedKey) -> None:
    """Insert the claim, or end the request with what is known of the key."""
    if db.dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(claim.digest[:16]), "big", signed=True)
        held = await db.row(_LOCK, number=number)
        assert held is not None
        if not held[0]:
            raise IdempotencyKeyInUse
    now = services.clock.now()
    columns = idempotency_key.c
    fresh = {"fingerprint": claim.fingerprint, "created_at": now, "status": None}
    statement = (
        insert_for(db.dialect, idempotency_key)
        .values(project_id=claim.project_id, digest=claim.digest, **fresh)
        .on_conflict_do_update(
            index_elements=[columns.project_id, columns.digest],
            set_=fresh,
            where=columns.created_at <= now - ANSWERS_KEPT_FOR,
        )
        .returning(columns.digest)
    )
    if (await db.execute(statement)).first() is None:
        await _answer_again(db, services, claim)


_KEPT = Prepared(
    select(
        idempotency_key.c.fingerprint,
        idempotency_key.c.status,
        idempotency_key.c.content_type,
        idempotency_key.c.sealed_body,
    ).where(
        idempotency_key.c.project_id == bindparam("project_id"),
        idempotency_key.c.digest == bindparam("digest"),
    )
)


async def _answer_again(db: Db, services: "Services", claim: ClaimedKey) -> None:
    """Raise the stored answer of a key, or say that it was given to another request."""
    [kept] = await db.rows(_KEPT, project_id=claim.project_id, digest=claim.digest)
    fingerprint, status, content_type, sealed_body = kept
    if fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused
    raise Replayed(status, content_type, services.vault.decrypt(sealed_body).encode())


async def _store_refusal(request: ParleyRequest, error: AppError | PlainError, in_words: InWords) -> None:
    if isinstance(error, PlainError):
        answer = answer_plain_error(request, error)
    else:
        answer = in_words(request, error)
    kind = str(getattr(answer.media_type, "value", answer.media_type))
    await store(request, error.status, answer.render(answer.content, kind), kind)
