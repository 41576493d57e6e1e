"""Uploads in two steps: announced with size and digest, then sent (docs/files.md#in-two-steps)."""

from typing import Any

from litestar import post, put
from litestar.params import FromPath, JSONBody

from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.conversations.files import FILES
from parley.conversations.files.actions.limits import count_upload
from parley.conversations.files.actions.storing import announce_file, receive_content
from parley.conversations.files.actions.uploads import announced_upload
from parley.conversations.files.attachments import file_links, shown_file
from parley.conversations.files.errors import too_large_or
from parley.conversations.files.rules.limits import MOST_BYTES, PENDING_FOR
from parley.conversations.files.schemas import FileOut, NewFile, NewUpload, UploadOut
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.http.uploads import body_chunks, skip_rest
from parley.kernel.openapi.documented import documented

UPLOADS = FILES + "/uploads"
CONTENT = UPLOADS + "/{file_id:str}/content"
REFUSALS = {
    400: "Size or digest are not the announced ones.",
    409: "The content has arrived already.",
    413: "The quota is used up.",
    503: "The storage is away.",
}


@post(UPLOADS, guards=[needs("ticket:write")])
async def announce_upload(
    data: JSONBody[NewUpload], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> UploadOut:
    """Announce a file; its content is then sent by PUT to `upload_url`, with the same key, as often as it takes."""
    check_sees_any_ticket(actor)
    await count_upload(services, actor)
    new = NewFile(name=data.name, content=b"", uploaded_by=actor.user_id)
    made = await announce_file(
        db, services, actor.project_id, new, size=data.size, digest=data.sha256.lower()
    )
    path = CONTENT.replace("{project_id:str}", str(actor.project_id)).replace("{file_id:str}", str(made.id))
    return UploadOut(
        id=made.id,
        name=made.name,
        upload_url=services.settings.site_url + path + "/",
        expires_at=made.created_at + PENDING_FOR,
    )


@put(
    CONTENT,
    guards=[needs("ticket:write")],
    opt=documented(errors=REFUSALS),
    request_max_body_size=MOST_BYTES + 1,
)
async def upload_content(
    file_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> FileOut:
    """Send the content of an announced file, whatever its content type. Only what was announced is stored."""
    announced = await announced_upload(services, actor, uuid_in_path(file_id))
    try:
        stored = await receive_content(services, announced, body_chunks(request))
    except AppError as error:
        await skip_rest(request)
        raise too_large_or(error) from error
    return shown_file(stored, file_links(services))


handlers: list[Any] = [announce_upload, upload_content]
