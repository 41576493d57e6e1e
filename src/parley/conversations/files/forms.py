"""The form in which an agent writes: read piece by piece, since it may have files."""

from uuid import UUID

import msgspec

from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileRefused
from parley.conversations.files.queries import upload_of
from parley.conversations.files.rules.limits import MOST_FILES
from parley.conversations.files.schemas import File, NewFile
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import refuse_nul
from parley.kernel.http.request import ParleyRequest, uuid_or_none
from parley.kernel.http.uploads import FormPart, form_parts
from parley.kernel.services import Services
from parley.web.guards import CSRF_FIELD, FormOutOfDate, check_token

MOST_BYTES = 100 * 1024 * 1024
"""All files of one form together."""


class ReplyForm(msgspec.Struct, kw_only=True):
    """A reply or a private note; `then` may name a status for afterwards, `key` is that of the form.

    `files` are stored and wait to be attached; `problem` says what is wrong with one that could not be.
    """

    content: str = ""
    kind: str = "reply"
    then: str = ""
    key: str = ""
    files: list[File] = []
    problem: str | None = None


async def read_reply_form(request: ParleyRequest, services: Services, actor: Actor) -> ReplyForm:
    """Read the form and store its files. Raises FormOutOfDate before anything is stored, ParseFailed and TooLarge."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await _plain_form(request, services, actor)
    form = ReplyForm()
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
    return form


async def _plain_form(request: ParleyRequest, services: Services, actor: Actor) -> ReplyForm:
    form = ReplyForm()
    for name, value in (await request.fields()).items():
        if isinstance(value, str):
            await _take(services, actor, form, name, value)
    return form


async def _take(services: Services, actor: Actor, form: ReplyForm, name: str, value: str) -> None:
    """Take over a field of the form; unknown ones are ignored."""
    refuse_nul({name: value})
    if name in ("content", "kind", "then", "key"):
        setattr(form, name, value)
    elif name == "file_ids" and (file_id := uuid_or_none(value)) is not None:
        await _take_upload(services, actor, form, file_id)


async def _take_upload(services: Services, actor: Actor, form: ReplyForm, file_id: UUID) -> None:
    """Take over a file that an earlier try of the form has stored; one that is gone is not missed."""
    async with services.database.transaction(write=False) as db:
        try:
            found = await upload_of(db, actor, file_id)
        except NotFound:
            return
    if found.comment_id is None and len(form.files) < MOST_FILES:
        form.files.append(found)


async def _store(services: Services, actor: Actor, form: ReplyForm, part: FormPart) -> None:
    """Store a file of the form, unless that can't be: what else is in the form must not be lost for it."""
    if len(form.files) >= MOST_FILES:
        form.problem = f"A message may have {MOST_FILES} files at most; the others were left out."
        return
    new = NewFile(name=part.filename or "", content=part.chunks, uploaded_by=actor.user_id)
    try:
        form.files.append(await store_file(services, actor.project_id, new))
    except FileRefused as error:
        form.problem = f"{error.detail} {part.filename!r} was left out."
