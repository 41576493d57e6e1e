"""Files of a project: uploaded in one request, described, taken back (docs/files.md)."""

from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath

from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.conversations.files import FILES
from parley.conversations.files.actions.limits import count_upload
from parley.conversations.files.actions.storing import announce_alone, discard_file, put_content, settle_file
from parley.conversations.files.actions.uploads import take_back
from parley.conversations.files.attachments import file_links, shown_file
from parley.conversations.files.errors import too_large_or
from parley.conversations.files.queries import file_for
from parley.conversations.files.rules.limits import MOST_BYTES
from parley.conversations.files.schemas import File, FileForm, FileOut, NewFile
from parley.kernel.database.retries import STREAMED
from parley.kernel.dependencies import ActorDependency, ServicesDependency, own_transaction
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.authorization import Actor, needs
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.http.uploads import form_parts, skip_rest
from parley.kernel.idempotency import KEEPS, Replayed, keep
from parley.kernel.openapi.documented import DocumentedAnswer, documented
from parley.kernel.services import Services

ROOM_FOR_FORM = 64 * 1024
FILE = FILES + "/{file_id:str}"
FORM = {
    **documented(
        body=FileForm,
        media_types=["multipart/form-data"],
        errors={
            413: "The file is too large, or the project has used up its quota.",
            503: "The storage is away.",
        },
    ),
    **KEEPS,
}


@post(FILES, guards=[needs("ticket:write")], opt=FORM, request_max_body_size=MOST_BYTES + ROOM_FOR_FORM)
async def upload_file(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> FileOut:
    """Upload a file in one request; it waits a day to be attached to a message by `file_ids`. At most 25 MB."""
    check_sees_any_ticket(actor)
    await count_upload(services, actor)
    try:
        stored = await _stored_part(request, actor, services)
    except AppError as error:
        await skip_rest(request)
        raise too_large_or(error) from error
    request.scope[STREAMED] = f"{stored.name}:{stored.sha256}".encode()  # type: ignore[literal-required]
    return await _noted(request, services, stored)


async def _stored_part(request: ParleyRequest, actor: Actor, services: Services) -> File:
    """Store the file of the form; it is not noted yet."""
    async for part in form_parts(request):
        if part.name == "file" and part.filename is not None:
            new = NewFile(name=part.filename, content=part.chunks, uploaded_by=actor.user_id)
            announced = await announce_alone(services, actor.project_id, new)
            return await put_content(services, announced, part.chunks)
    raise Invalid("No file was submitted.", code="required", attr="file")


async def _noted(request: ParleyRequest, services: Services, stored: File) -> FileOut:
    """Note a stored file, once for each `Idempotency-Key`."""
    try:
        async with own_transaction(request, services) as db:
            await settle_file(db, stored)
            shown = shown_file(stored, file_links(services))
            await keep(request, 201, shown)
    except (AppError, Replayed):
        await discard_file(services, stored)
        raise
    return shown


@get(FILE, guards=[needs("ticket:read")])
async def show_file(file_id: FromPath[str], actor: ActorDependency, services: ServicesDependency) -> FileOut:
    """Show a file of a message that the caller may see, or an upload of their own, with links that work for an hour."""
    async with services.database.transaction(write=False) as db:
        found = await file_for(db, actor, uuid_in_path(file_id))
    return shown_file(found, file_links(services))


@delete(FILE, guards=[needs("ticket:write")], opt=documented(answers={204: DocumentedAnswer("It is gone.")}))
async def remove_file(file_id: FromPath[str], actor: ActorDependency, services: ServicesDependency) -> None:
    """Remove an upload of one's own that is not attached; a file of a message goes with its message."""
    await take_back(services, actor, uuid_in_path(file_id))


handlers: list[Any] = [upload_file, show_file, remove_file]
