"""A mail comes in: first its raw form is stored, then its row in the ledger, with the work of interpreting it."""

import hashlib
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, update

from parley.conversations.files.actions.erasing import DELETE_OBJECTS
from parley.email.inbound.queries.ledger import row_of_delivery
from parley.email.inbound.rules.headers import (
    MAX_HEAD_BYTES,
    delivery_digest,
    glimpsed,
    header_end,
    ledger_address,
    storable,
)
from parley.email.inbound.schemas import IncomingMail, KeptMail, RawMail
from parley.email.inbound.tables import inbound_message
from parley.email.threading.rules import digest_of
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.ids import made_at, new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

INTERPRET = "email.interpret"
QUEUE = "inbound"
RAW_KIND = "inbound"
MAX_RECIPIENT = 320

c = inbound_message.c


async def receive(services: Services, mail: IncomingMail) -> UUID:
    """Keep a mail and have it interpreted; return its id in the ledger. It is durable when this returns.

    A delivery of a mail that is there already is counted, and changes nothing else. Raises StorageAway and Unavailable,
    after which the door must not say that it has the mail.
    """
    kept = await keep_raw(services, mail)
    return await call_again(partial(_record, services, mail, kept))


async def _record(services: Services, mail: IncomingMail, kept: KeptMail) -> UUID:
    async with services.database.transaction() as db:
        return await record(db, mail, kept)


async def keep_raw(services: Services, mail: IncomingMail) -> KeptMail:
    """Store the raw form of a mail, outside any transaction; `record` comes next."""
    raw = mail.raw if isinstance(mail.raw, RawMail) else _in_memory(mail.raw)
    seen = glimpsed(raw.head)
    id = new_uuid()
    kept = KeptMail(
        id=id,
        raw_key=object_key(mail.channel.project_id, RAW_KIND, id),
        raw_sha256=raw.sha256,
        size_bytes=raw.size_bytes,
        delivery_digest=delivery_digest(seen.message_id, raw.body_sha256, raw.sha256),
        message_id=seen.message_id,
        subject=seen.subject,
        from_address=seen.from_address,
    )
    await services.storage.put(kept.raw_key, mail.raw if isinstance(mail.raw, bytes) else raw.chunks())
    return kept


def _in_memory(raw: bytes) -> RawMail:
    """Return a mail that is in memory in the form of one that isn't."""
    body = memoryview(raw)[header_end(raw[:MAX_HEAD_BYTES]) :]
    return RawMail(
        len(raw),
        hashlib.sha256(raw).hexdigest(),
        raw[:MAX_HEAD_BYTES],
        hashlib.sha256(body).hexdigest(),
        partial(_whole, raw),
    )


async def _whole(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


_COUNT_DELIVERY = Prepared(
    update(inbound_message)
    .where(c.project_id == bindparam("in_project"), c.id == bindparam("row_id", type_=c.id.type))
    .values(deliveries=c.deliveries + 1)
)


async def record(db: Db, mail: IncomingMail, kept: KeptMail) -> UUID:
    """Write the row of a mail whose raw form is stored, and ask for its interpretation, in the caller's transaction.

    Returns the id of the row that was there before where the mail is a repeat; its new raw form is deleted then.
    """
    project_id = mail.channel.project_id
    statement = insert_for(db.dialect, inbound_message).values(_values(mail, kept))
    added = await db.execute(statement.on_conflict_do_nothing().returning(c.id))
    if added.first() is not None:
        await enqueue(db, INTERPRET, {"id": str(kept.id)}, project_id=project_id, queue=QUEUE)
        return kept.id
    found = await row_of_delivery(db, project_id, mail.channel.id, kept.delivery_digest)
    await db.rows(_COUNT_DELIVERY, in_project=project_id, row_id=found)
    await enqueue(db, DELETE_OBJECTS, {"keys": [kept.raw_key]}, project_id=project_id)
    return found


def _values(mail: IncomingMail, kept: KeptMail) -> dict[str, object]:
    authentication = [
        {
            "server": one.server,
            "method": one.method,
            "result": storable(one.result),
            "domain": storable(one.domain),
        }
        for one in mail.authentication
    ]
    return {
        "project_id": mail.channel.project_id,
        "id": kept.id,
        "channel_id": mail.channel.id,
        "source": mail.source,
        "is_backfill": mail.is_backfill,
        "envelope_from": ledger_address(mail.envelope_from) if mail.envelope_from else None,
        "recipient": storable(mail.recipient)[:MAX_RECIPIENT],
        "received_at": made_at(kept.id),
        "deliveries": 1,
        "delivery_digest": kept.delivery_digest,
        "raw_key": kept.raw_key,
        "raw_sha256": kept.raw_sha256,
        "size_bytes": kept.size_bytes,
        "message_id": kept.message_id,
        "message_id_digest": digest_of(kept.message_id) if kept.message_id else None,
        "subject": kept.subject,
        "from_address": kept.from_address,
        "state": "received",
        "attempts": 0,
        "authentication": authentication or None,
    }
