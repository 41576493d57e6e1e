"""Storing the answer of a request that has a key, and giving it again."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response
from sqlalchemy import delete, update

from parley.kernel.database.transaction import Db
from parley.kernel.http.json_response import ENCODER, JSON
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency.tables import idempotency_key

ANSWERS_KEPT_FOR = timedelta(hours=24)
REPLAYED = {"Idempotent-Replayed": "true"}
"""The header of an answer that was given before: nothing happened again."""


class ClaimedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a request holds: `digest` is what it is found by, `fingerprint` tells what was asked for."""

    project_id: int
    digest: str
    fingerprint: str


class Replayed(Exception):
    """Not an error: the request was answered before, and this is the answer."""

    def __init__(self, status: int, content_type: str, body: bytes) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body
        super().__init__("answered before")


def answer_replayed(_: Any, replayed: Replayed) -> Response[Any]:
    """Give the stored answer again, and say so."""
    return Response(
        replayed.body,
        status_code=replayed.status,
        headers=REPLAYED,
        media_type=replayed.content_type,
    )


def is_final(status: int) -> bool:
    """Say whether the same request would be answered so again; trouble of ours and too many requests pass."""
    return status < 500 and status != 429


async def keep(request: ParleyRequest, status: int, content: Any) -> None:
    """Store the answer, where the request has a key; to be called inside its transaction. None is an empty body."""
    if "idempotency" in request.scope["state"]:
        await store(request, status, b"" if content is None else ENCODER.encode(content))


async def store(request: ParleyRequest, status: int, body: bytes | None, content_type: str = JSON) -> None:
    """Store an answer's bytes with the claim; one that isn't final, or has no bytes to store, gives the key back."""
    held: tuple[ClaimedKey, Db, Any] = request.scope["state"]["idempotency"]
    claim, db, vault = held
    mine = (idempotency_key.c.project_id == claim.project_id, idempotency_key.c.digest == claim.digest)
    if body is None or not is_final(status):
        await db.execute(delete(idempotency_key).where(*mine))
        return
    answer = {"status": status, "content_type": content_type, "sealed_body": vault.encrypt(body.decode())}
    await db.execute(update(idempotency_key).where(*mine).values(answer))


async def forget_old_answers(db: Db, now: datetime) -> int:
    """Delete keys that are older than a day (ix_idempotency_key_created_at); return how many."""
    old = delete(idempotency_key).where(idempotency_key.c.created_at <= now - ANSWERS_KEPT_FOR)
    return (await db.execute(old)).rowcount
