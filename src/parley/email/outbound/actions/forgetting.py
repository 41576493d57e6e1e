"""Mails keep that something was sent, and forget to whom."""

from collections.abc import Iterable

from sqlalchemy import case, update

from parley.email.outbound.tables import outbound_email, outbound_recipient
from parley.email.reply_routes.actions import forget_address
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid

_r, _e = outbound_recipient.c, outbound_email.c


async def erase_recipients(db: Db, project_id: int, addresses: Iterable[str]) -> int:
    """Forget addresses, also in mails about other people's tickets; return in how many mails they were.

    What still waits is not sent to them. The words of mail servers, which may name them, go, too.
    """
    emails = set()
    for address in sorted(addresses):
        forgotten = {
            "address": f"erased-{new_uuid().hex}",
            "state": case((_r.state == "waiting", "failed"), else_=_r.state),
            "answer": None,
            "bounce": None,
        }
        theirs = (_r.project_id == project_id, _r.address == address)
        done = update(outbound_recipient).where(*theirs).values(forgotten).returning(_r.email_id)
        emails |= set((await db.execute(done)).scalars())
        await forget_address(db, project_id, address)
    if emails:
        these = (_e.project_id == project_id, _e.id.in_(emails))
        await db.execute(update(outbound_email).where(*these).values(last_error=None))
    return len(emails)
