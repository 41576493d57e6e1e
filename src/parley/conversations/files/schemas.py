"""Files as they are handed in, and as they travel."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.conversations.files.rules.limits import MOST_BYTES, MOST_FILES, MOST_TOGETHER_BYTES
from parley.kernel.storage.keys import object_key

FileIds = Annotated[list[UUID], Meta(max_length=MOST_FILES)]
"""Uploads of the caller that are attached to a new message."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is stored; `stored_at` is null until all of its content is there."""

    project_id: int
    id: UUID
    comment_id: UUID | None
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    content_id: str | None
    is_inline: bool
    has_thumbnail: bool
    uploaded_by: int | None
    created_at: datetime
    stored_at: datetime | None

    @property
    def key(self) -> str:
        return object_key(self.project_id, "file", self.id)

    @property
    def thumbnail_key(self) -> str:
        return object_key(self.project_id, "thumbnail", self.id)


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be stored. `name` is what a stranger calls it; `content` is all of it, or its chunks in order."""

    name: str
    content: bytes | AsyncIterator[bytes]
    content_id: str | None = None
    is_inline: bool = False
    uploaded_by: int | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file as its message remembers it, in `item_context.attachments`; none of it ever changes.

    `placeholder` is the text in whose place the message shows the image.
    """

    id: UUID
    name: str
    content_type: str
    size: int
    is_inline: bool
    has_thumbnail: bool
    placeholder: str | None = None


class AttachmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message, as whoever sees the message gets it. The links work for an hour or, in the widget, a day.

    `placeholder` is the text in whose place the message shows the image, such as `[logo.png]`; null for other files.
    """

    id: UUID
    name: str
    content_type: str
    size: int
    url: str
    thumbnail_url: str | None
    is_inline: bool
    placeholder: str | None


class FileOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file. `comment_id` is null until it is attached to a message; `url` is null until its content is there."""

    id: UUID
    name: str
    content_type: str
    size: int
    url: str | None
    thumbnail_url: str | None
    is_inline: bool
    sha256: str
    comment_id: UUID | None
    created_at: datetime


class PickedFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a form of a page shows of files: those that an earlier try has stored, and how much may be picked."""

    stored: Sequence[File] = ()
    most_bytes: int = MOST_BYTES
    most_files: int = MOST_FILES
    most_bytes_together: int = MOST_TOGETHER_BYTES


class FileForm(msgspec.Struct, kw_only=True):
    """A form with a file in it."""

    file: Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class NewUpload(msgspec.Struct, kw_only=True):
    """A file whose content is sent in a second request, and compared with what is said here; `sha256` is hexadecimal."""

    name: Annotated[str, Meta(min_length=1, max_length=1000)]
    size: Annotated[int, Meta(ge=0, le=MOST_BYTES)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")]


class UploadOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where to PUT the content of a file, once, until when."""

    id: UUID
    name: str
    upload_url: str
    expires_at: datetime
