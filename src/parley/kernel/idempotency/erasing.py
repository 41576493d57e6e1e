"""Stored answers that tell of somebody who is to be forgotten."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Select, select, update

from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.json_response import JSON
from parley.kernel.idempotency.tables import idempotency_key
from parley.kernel.secrets import Vault
from parley.kernel.text.json_text import read_json

PAGE = 500
GONE = NotFound("What this request made has been erased.")


async def erase_answers(db: Db, vault: Vault, project_id: int, is_about: Callable[[Any], bool]) -> int:
    """Replace the project's stored answers that are about somebody; return how many (primary key).

    Their keys stay, so that a request which is sent again doesn't bring back what was erased. Answers that can't be
    read any more are replaced, too.
    """
    columns = idempotency_key.c
    sealed = vault.encrypt(msgspec.json.encode(GONE.body()).decode())
    gone = {"status": GONE.status, "content_type": JSON, "sealed_body": sealed}
    last, n_erased = "", 0
    while page := (await db.execute(_page(project_id, last))).all():
        last = page[-1].digest
        found = [row.digest for row in page if _is_about(vault, row.sealed_body, is_about)]
        if found:
            mine = (columns.project_id == project_id, columns.digest.in_(found))
            await db.execute(update(idempotency_key).where(*mine).values(gone))
            n_erased += len(found)
    return n_erased


def _page(project_id: int, last: str) -> Select[Any]:
    columns = idempotency_key.c
    return (
        select(columns.digest, columns.sealed_body)
        .where(columns.project_id == project_id, columns.digest > last, columns.sealed_body.is_not(None))
        .order_by(columns.digest)
        .limit(PAGE)
    )


def _is_about(vault: Vault, sealed: str, is_about: Callable[[Any], bool]) -> bool:
    try:
        return is_about(read_json(vault.decrypt(sealed)))
    except ValueError:
        # Sealed with another key, or no JSON, as only some refusals are: it can't tell anything any more.
        return True
