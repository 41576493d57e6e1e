"""Messages that came in while conversations were switched off: kept, and taken once they are on again."""

from uuid import UUID

from sqlalchemy import update

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.integrations.sms.actions.placing import place
from parley.integrations.sms.queries.contacts import kept_sids, locked_contact, waiting_text
from parley.integrations.sms.schemas import SettledFiles
from parley.integrations.sms.tables import sms_inbound
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

FETCH, TAKE_KEPT = "sms.fetch_media", "sms.take_kept"
QUEUE = "inbound"
c = sms_inbound.c


async def settle_text(
    db: Db, services: Services, project_id: int, sid: str, contact_id: UUID, files: SettledFiles
) -> None:
    """Write a message that waits on its ticket, unless that is done, or conversations are switched off. Safe to repeat."""
    contact = await locked_contact(db, project_id, contact_id)
    row = await waiting_text(db, project_id, sid, for_change=True)
    project = (await projects_by_ids(db, [project_id])).get(project_id)
    if row is None or contact is None or project is None or not project.conversations_enabled:
        return
    mine = (c.project_id == project_id, c.sid == sid)
    await db.execute(update(sms_inbound).where(*mine).values(is_settled=True, body="", media=[]))
    await place(db, services, project, contact, row.body, files)


async def take_kept(services: Services, project_id: int) -> None:
    """Write on tickets what waits, in the order in which it came; what has files when they are there. Safe to repeat."""
    async with services.database.transaction(write=False) as db:
        sids = await kept_sids(db, project_id)
    for sid in sids:
        async with services.database.transaction() as db:
            row = await waiting_text(db, project_id, sid)
            if row is not None and row.media:
                await enqueue(db, FETCH, {"sid": sid}, project_id=project_id, queue=QUEUE)
            elif row is not None:
                await settle_text(db, services, project_id, sid, row.contact_id, SettledFiles())
