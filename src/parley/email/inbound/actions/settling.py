"""What became of a mail is written into its row of the ledger."""

from sqlalchemy import bindparam, update

from parley.email.inbound.rules.headers import MAX_SUBJECT, ledger_address, storable
from parley.email.inbound.schemas import LedgerOutcome, LedgerRow
from parley.email.inbound.tables import inbound_message
from parley.email.parsing.schemas import ParsedMail
from parley.email.threading.rules import bare_ids, digest_of
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

c = inbound_message.c
_RESULT = ("state", "reason", "detail", "ticket_id", "ticket_number", "comment_id", "processed_at")
_READ = ("subject", "from_address", "message_id", "message_id_digest", "is_authenticated")
_THIS = (
    c.project_id == bindparam("in_project"),
    c.id == bindparam("row_id", type_=c.id.type),
)


def _setting(names: tuple[str, ...]) -> Prepared:
    values = {name: bindparam(name, type_=c[name].type) for name in names}
    return Prepared(update(inbound_message).where(*_THIS).values(**values, attempts=c.attempts + 1))


_SETTLE, _SETTLE_READ = _setting(_RESULT), _setting((*_RESULT, *_READ))


async def settle(
    db: Db,
    services: Services,
    row: LedgerRow,
    outcome: LedgerOutcome,
    mail: ParsedMail | None = None,
    *,
    is_authenticated: bool | None = None,
) -> None:
    """Write the outcome, and what the mail says of itself once it has been read."""
    values = {
        "in_project": row.project_id,
        "row_id": row.id,
        "state": outcome.state,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "ticket_id": outcome.ticket_id,
        "ticket_number": outcome.ticket_number,
        "comment_id": outcome.comment_id,
        "processed_at": services.clock.now(),
    }
    if mail is None:
        await db.rows(_SETTLE, **values)
        return
    ids = bare_ids([mail.message_id or ""])
    await db.rows(
        _SETTLE_READ,
        **values,
        subject=storable(mail.subject)[:MAX_SUBJECT],
        from_address=ledger_address(mail.from_address),
        message_id=ids[0] if ids else None,
        message_id_digest=digest_of(ids[0]) if ids else None,
        is_authenticated=is_authenticated,
    )
