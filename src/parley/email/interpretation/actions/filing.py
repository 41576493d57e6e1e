"""The files of a mail are stored before the transaction in which its message gets them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.errors import FileTooLarge, StorageQuotaReached
from parley.conversations.files.schemas import NewFile
from parley.email.interpretation.rules.contents import MAX_BODY, MAX_FILE_BYTES, MAX_FILES
from parley.email.parsing.schemas import ParsedAttachment, ParsedMail
from parley.kernel.errors import NotFound
from parley.kernel.services import Services

WHOLE_TEXT = "whole text.txt"


class StoredFiles(msgspec.Struct, frozen=True):
    """The files that a message gets, and how many of its mail it doesn't get: they are in the raw mail.

    `placeholders` say where in the text files stand.
    """

    ids: Sequence[UUID] = ()
    placeholders: Mapping[UUID, str] = {}
    n_left_out: int = 0


def has_files(mail: ParsedMail) -> bool:
    """Say whether there is anything to store."""
    return bool(mail.attachments) or len(mail.body) > MAX_BODY


async def store_files(services: Services, project_id: int, mail: ParsedMail) -> StoredFiles:
    """Store the files of a mail, and its text where that is too long for a message. Raises StorageAway.

    What is stored twice, since a first attempt ended here, is cleared within a day.
    """
    wanted: list[ParsedAttachment] = []
    if len(mail.body) > MAX_BODY:
        wanted.append(ParsedAttachment(WHOLE_TEXT, "text/plain", mail.body.encode()))
    wanted += mail.attachments
    small = [one for one in wanted if len(one.content) <= MAX_FILE_BYTES][:MAX_FILES]
    ids = [await _stored(services, project_id, one) for one in small]
    found = {id: one.placeholder for id, one in zip(ids, small, strict=True) if id is not None}
    placeholders = {id: text for id, text in found.items() if text}
    return StoredFiles(list(found), placeholders, len(wanted) - len(found))


async def _stored(services: Services, project_id: int, one: ParsedAttachment) -> UUID | None:
    """Store one file; None where the project has no room for it."""
    new = NewFile(name=one.name, content=one.content, content_id=one.content_id, is_inline=one.is_inline)
    try:
        return (await store_file(services, project_id, new)).id
    except (FileTooLarge, StorageQuotaReached, NotFound):
        return None
