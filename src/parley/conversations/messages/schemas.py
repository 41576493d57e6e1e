"""Messages and comments as they travel."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.conversations.files.schemas import AttachmentOut, FileIds
from parley.kernel.http.body import TRIM

JsonObject = dict[str, Any]
MAX_COMMENT, MAX_MESSAGE = 50_000, 5000


class MessageOut(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a ticket as the team sees it."""

    id: UUID
    message_type: str
    content: str
    rich_content: Any
    author_type: str
    author_name: str
    author_email: str | None
    is_private: bool
    has_full_email_content: bool
    version: int
    created_at: datetime
    attachments: list[AttachmentOut]
    via_ticket_id: UUID | UnsetType = UNSET  # the merged ticket that it was written to


class NoteChange(msgspec.Struct, kw_only=True):
    """What a private note is changed to; without `rich_content` it has none. Its files stay."""

    message: Annotated[str, Meta(min_length=1, max_length=MAX_MESSAGE, extra=TRIM)]
    rich_content: JsonObject | None = None


class NewNote(NoteChange, kw_only=True):
    """A private note; with files it needs no text."""

    message: Annotated[str, Meta(max_length=MAX_MESSAGE, extra=TRIM)] | UnsetType = UNSET  # type: ignore[assignment]
    file_ids: FileIds = []

    @property
    def text(self) -> str:
        return "" if self.message is UNSET else self.message


class NewReply(NewNote, kw_only=True):
    """A reply to the customer, or with `is_private` a note that only the team sees."""

    is_private: bool = False


class FullEmail(msgspec.Struct, frozen=True):
    """The whole text of the mail that a message came by."""

    content: str


class TicketProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a request about a ticket's messages."""

    detail: str
    error_type: str | UnsetType = UNSET


class NewComment(msgspec.Struct, kw_only=True):
    """A comment to be posted; a reply or a private note where the scope is `conversations_ticket`."""

    scope: Annotated[str, Meta(min_length=1, max_length=79, extra=TRIM)]
    item_id: Annotated[str, Meta(max_length=72, extra=TRIM)] | None = None
    content: Annotated[str, Meta(max_length=MAX_COMMENT)] | None = None
    rich_content: JsonObject | None = None
    item_context: JsonObject | None = None
    source_comment: UUID | None = None
    is_task: bool = False
    mentions: Annotated[list[int], Meta(max_length=100)] = []  # users whom a private note is for
    file_ids: FileIds = []


class CommentPatch(msgspec.Struct, kw_only=True):
    """What the author may change about a comment; `deleted: true` removes it for good."""

    content: Annotated[str, Meta(max_length=MAX_COMMENT)] | UnsetType | None = UNSET
    rich_content: JsonObject | UnsetType | None = UNSET
    is_task: bool | UnsetType = UNSET
    completed_at: datetime | UnsetType | None = UNSET
    deleted: bool = False


class CommentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A comment. `created_by` is null for what customers wrote, and when the user is gone."""

    id: UUID
    scope: str
    item_id: str | None
    content: str
    rich_content: JsonObject | None
    item_context: JsonObject
    source_comment: UUID | None
    is_task: bool
    completed_at: datetime | None
    version: int
    deleted: bool
    created_at: datetime
    created_by: UserBasic | None


class CommentPage(msgspec.Struct, frozen=True):
    """A page of comments, newest first; `next` and `previous` are absolute URLs or null."""

    next: str | None
    previous: str | None
    results: list[CommentOut]
