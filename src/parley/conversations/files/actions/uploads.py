"""Uploads of a user that are not attached yet."""

from uuid import UUID

from parley.conversations.files.actions.erasing import forget_pending
from parley.conversations.files.errors import UploadComplete
from parley.conversations.files.queries import locked_file, upload_of
from parley.conversations.files.schemas import File
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def announced_upload(services: Services, actor: Actor, file_id: UUID) -> File:
    """Return a file that its uploader has announced and whose content is missing; raises NotFound and UploadComplete."""
    async with services.database.transaction(write=False) as db:
        found = await upload_of(db, actor, file_id)
    if found.stored_at is not None:
        raise UploadComplete
    return found


async def take_back(services: Services, actor: Actor, file_id: UUID) -> None:
    """Remove an upload of the caller that is not attached; raises NotFound."""
    async with services.database.transaction() as db:
        found = await locked_file(db, actor.project_id, file_id)
        if found is None or found.uploaded_by != actor.user_id or found.comment_id is not None:
            raise NotFound
        await forget_pending(db, [found])
