"""Files become a part of a message."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import delete, update

from parley.conversations.files.errors import NoSuchUpload, TooManyFiles
from parley.conversations.files.queries import locked_files
from parley.conversations.files.rules.limits import MOST_FILES
from parley.conversations.files.schemas import Attachment
from parley.conversations.files.tables import drafted_file, file
from parley.conversations.tickets.actions.messages import add_to_context
from parley.conversations.tickets.rules.comments import ATTACHMENTS_KEY
from parley.kernel.database.transaction import Db


async def attach_files(
    db: Db,
    project_id: int,
    comment_id: UUID,
    file_ids: Sequence[UUID],
    *,
    uploaded_by: int | None = None,
    placeholders: Mapping[UUID, str] = {},
) -> list[Attachment]:
    """Attach stored files to a message that is stored in this transaction, in the order given; return what it says of them.

    A file belongs to one message, and only its uploader attaches it. `placeholders` say where in the text files stand.
    Raises TooManyFiles and NoSuchUpload.
    """
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    if len(wanted) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    found = {one.id: one for one in await locked_files(db, project_id, wanted)}
    for one in found.values():
        if one.comment_id is not None or one.stored_at is None or one.uploaded_by != uploaded_by:
            raise NoSuchUpload
    if len(found) < len(wanted):
        raise NoSuchUpload
    these = (file.c.project_id == project_id, file.c.id.in_(wanted))
    await db.execute(update(file).where(*these).values(comment_id=comment_id))
    if uploaded_by is not None:  # it may have waited in a draft of theirs
        drafted = (drafted_file.c.project_id == project_id, drafted_file.c.file_id.in_(wanted))
        await db.execute(delete(drafted_file).where(*drafted))
    attachments = [
        Attachment(
            id=id,
            name=found[id].name,
            content_type=found[id].content_type,
            size=found[id].size_bytes,
            is_inline=found[id].is_inline,
            has_thumbnail=found[id].has_thumbnail,
            placeholder=placeholders.get(id),
        )
        for id in wanted
    ]
    await add_to_context(db, project_id, comment_id, {ATTACHMENTS_KEY: msgspec.to_builtins(attachments)})
    return attachments
