"""Forms of pages that may have files: read piece by piece, so that no file is held in memory."""

from uuid import UUID

import msgspec

from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileRefused
from parley.conversations.files.queries import upload_of
from parley.conversations.files.rules.limits import MOST_FILES, MOST_FORM_BYTES, MOST_TOGETHER_BYTES
from parley.conversations.files.schemas import File, NewFile
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import refuse_nul
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.uploads import FormPart, form_parts
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.kernel.text.sizes import human_size
from parley.web.guards import CSRF_FIELD, FormOutOfDate, check_token

TOO_LARGE_TOGETHER = (
    f"The files of one message may have {human_size(MOST_TOGETHER_BYTES)} together. Go back, and send some of them in "
    "another one."
)


class FormWithFiles(msgspec.Struct, kw_only=True):
    """A form of a page; the fields of its subclasses are texts.

    `files` are stored and wait to be attached; `problem` says what is wrong with one that could not be. `digests` are the
    SHA-256 of all files, also of those that were attached when the same form was sent before.
    """

    files: list[File] = []
    digests: list[str] = []
    problem: str | None = None


async def fill_form(request: ParleyRequest, services: Services, actor: Actor, form: FormWithFiles) -> None:
    """Fill an empty form, and store its files.

    Raises FileRefused before anything is read, FormOutOfDate before anything is stored, ParseFailed and TooLarge.
    """
    if (request.content_length or 0) > MOST_FORM_BYTES:
        await request.skip_body()
        raise FileRefused(TOO_LARGE_TOGETHER)
    if not request.headers.get("content-type", "").startswith("multipart/"):
        await _plain_form(request, services, actor, form)
        return
    is_ours = False
    async for part in form_parts(request):
        if part.name == CSRF_FIELD and not is_ours:
            check_token(request, await part.text())
            is_ours = True
        elif not is_ours:
            raise FormOutOfDate
        elif part.filename is None:
            await _take(services, actor, form, part.name, await part.text())
        elif part.filename and part.name == "files":
            await _store(services, actor, form, part)
    if not is_ours:
        raise FormOutOfDate


async def _plain_form(request: ParleyRequest, services: Services, actor: Actor, form: FormWithFiles) -> None:
    for name, value in (await request.fields()).items():
        if isinstance(value, str):
            await _take(services, actor, form, name, value)


async def _take(services: Services, actor: Actor, form: FormWithFiles, name: str, value: str) -> None:
    """Take over a field of the form; unknown ones are ignored."""
    refuse_nul({name: value})
    if name in form.__struct_fields__ and name not in FormWithFiles.__struct_fields__:
        setattr(form, name, value)
    elif name == "file_ids" and (file_id := uuid_or_none(value)) is not None:
        await _take_upload(services, actor, form, file_id)


async def _take_upload(services: Services, actor: Actor, form: FormWithFiles, file_id: UUID) -> None:
    """Take over a file that an earlier try of the form has stored; one that is gone is not missed."""
    async with services.database.transaction(write=False) as db:
        try:
            found = await upload_of(db, actor, file_id)
        except NotFound:
            return
    form.digests.append(found.sha256)
    if found.comment_id is None and len(form.files) < MOST_FILES:
        form.files.append(found)


async def _store(services: Services, actor: Actor, form: FormWithFiles, part: FormPart) -> None:
    """Store a file of the form, unless that can't be: what else is in the form must not be lost for it."""
    if len(form.files) >= MOST_FILES:
        form.problem = f"A message may have {MOST_FILES} files at most; the others were left out."
        return
    new = NewFile(name=part.filename or "", content=part.chunks, uploaded_by=actor.user_id)
    try:
        stored = await store_file(services, actor.project_id, new)
    except FileRefused as error:
        form.problem = f"{error.detail} {part.filename!r} was left out."
        return
    form.files.append(stored)
    form.digests.append(stored.sha256)
