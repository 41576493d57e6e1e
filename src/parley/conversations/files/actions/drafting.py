"""Uploads wait in a draft, for as long as it is kept."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, update

from parley.conversations.files.errors import NoSuchUpload, TooManyFiles
from parley.conversations.files.queries import locked_files, of_drafts
from parley.conversations.files.rules.limits import MOST_FILES
from parley.conversations.files.tables import drafted_file, file
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def keep_for_draft(
    db: Db, services: Services, actor: Actor, ticket_id: UUID, file_ids: Sequence[UUID]
) -> None:
    """Keep these uploads of the caller for their draft on a ticket, in the place of those that it had.

    Raises TooManyFiles, and NoSuchUpload for a file of somebody else, one that is not complete, and an attached one.
    """
    wanted = set(file_ids)
    if len(wanted) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    found = await locked_files(db, actor.project_id, list(wanted)) if wanted else []
    is_mine = [
        one.comment_id is None and one.stored_at is not None and one.uploaded_by == actor.user_id
        for one in found
    ]
    if len(found) < len(wanted) or not all(is_mine):
        raise NoSuchUpload
    await let_go_of_drafts(db, services, actor, [ticket_id])
    if not wanted:
        return
    c = drafted_file.c  # a file that was in another draft of theirs moves
    await db.execute(delete(drafted_file).where(c.project_id == actor.project_id, c.file_id.in_(wanted)))
    key = {"project_id": actor.project_id, "user_id": actor.user_id, "ticket_id": ticket_id}
    await db.execute(insert(drafted_file).values([{**key, "file_id": one.id} for one in found]))


async def let_go_of_drafts(db: Db, services: Services, actor: Actor, ticket_ids: Collection[UUID]) -> None:
    """Keep the files of the caller's drafts on some tickets no longer: they wait a day, as what was just uploaded."""
    rows = await db.execute(
        delete(drafted_file).where(*of_drafts(actor, ticket_ids)).returning(drafted_file.c.file_id)
    )
    gone = [row.file_id for row in rows]
    if gone:
        these = (file.c.project_id == actor.project_id, file.c.id.in_(gone), file.c.comment_id.is_(None))
        await db.execute(update(file).where(*these).values(created_at=services.clock.now()))
