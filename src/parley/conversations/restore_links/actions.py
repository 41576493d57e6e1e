"""Restore links: asked for, made and redeemed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update

from parley.conversations.restore_links.queries import locked_link, restorable_ticket_ids
from parley.conversations.restore_links.rules import CODES, KEPT_FOR, LASTS, PageAddress, status_of
from parley.conversations.restore_links.schemas import Restored
from parley.conversations.restore_links.tables import restore_link
from parley.conversations.threads.queries.lists import visitor_tickets
from parley.conversations.threads.rules import Visitor
from parley.conversations.tickets.actions.customers import give_to_session
from parley.kernel.clock import Clock
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token, token_hash
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.throttle import DAY_S, HOUR_S, Limit

PER_EMAIL = (Limit("restore-email", 3, HOUR_S), Limit("restore-email-day", 12, DAY_S))
"""Mails to one address that strangers can cause in a project. They count whether or not it has conversations."""
PER_PROJECT = Limit("restore-mails", 500, HOUR_S)
"""Mails of a project that strangers can cause; they can name addresses, and then ask for links to them."""
MAIL_LINK = "restore_links.mail_link"
MOST_SHOWN = 500


async def ask_for_link(services: Services, project_id: int, email: str, page: PageAddress) -> None:
    """Have a link mailed, if the address (in its normal form) has conversations; the caller never learns whether.

    The look-up is left to the background, so that both cases take the same time here. Raises Throttled.
    """
    await services.throttles.hit(*((limit, f"{project_id}\n{email}") for limit in PER_EMAIL))
    parts = {"origin": str(page.origin), "path": page.path, "query": page.query}
    async with services.database.transaction() as db:
        await enqueue(db, MAIL_LINK, {"email": email, **parts}, project_id=project_id, queue="mail")


async def start_link(db: Db, clock: Clock, project_id: int, email: str) -> str:
    """Make the token of a link and return it; only its hash is stored. Older links go on working."""
    token, now = new_token(), clock.now()
    await db.execute(
        insert(restore_link).values(
            project_id=project_id,
            token_hash=token_hash(token),
            email=email,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    return token


async def redeem_link(
    services: Services, project_id: int, token: str, session: UUID, *, is_widget: bool
) -> Restored:
    """Give the conversations of the link's address to a session, once; every other link of the address is used, too."""
    async with services.database.transaction() as db:
        now = services.clock.now()
        link = await locked_link(db, project_id, token_hash(token))
        status = status_of(link, now)
        if link is None or status != "success":
            return Restored(status, CODES[status])
        same = (restore_link.c.project_id == project_id, restore_link.c.email == link.email)
        await db.execute(
            update(restore_link).where(*same, restore_link.c.used_at.is_(None)).values(used_at=now)
        )
        ids = await restorable_ticket_ids(db, project_id, link.email, session=session)
        await give_to_session(db, services, project_id, ids, session, link.email)
        mine = Visitor(widget_session_id=session)
        count, shown = await visitor_tickets(db, project_id, mine, status=None, limit=MOST_SHOWN, offset=0)
    if is_widget and count == 1:
        return Restored(status, widget_session_id=session)
    return Restored(
        status, widget_session_id=session, migrated_ticket_ids=[one.id for one in shown if one.id in ids]
    )


async def forget_old_links(db: Db, now: datetime) -> int:
    """Delete the links that have expired long ago; return how many (ix_restore_link_expires)."""
    over = delete(restore_link).where(restore_link.c.expires_at <= now - KEPT_FOR)
    return (await db.execute(over)).rowcount


async def forget_links_to(db: Db, project_id: int, emails: Iterable[str]) -> None:
    """Delete the links that were mailed to these addresses, which are in their normal form."""
    mine = (restore_link.c.project_id == project_id, restore_link.c.email.in_(sorted(emails)))
    await db.execute(delete(restore_link).where(*mine))
