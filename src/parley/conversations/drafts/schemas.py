"""Drafts as they travel."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.conversations.files.schemas import File, FileIds, FileOut
from parley.conversations.ticket_api.ticket_actions import ABOUT_ACTIONS

MAX_DRAFT = 50_000
"""Characters. More than a message may have: nobody loses what is still to be made shorter."""


class NewDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is written so far: the text, its rich form where it has one, and whether it is a private note.

    `actions` are what is to be set on the ticket when it is sent. `file_ids` are uploads of the caller's, which stay for as
    long as the draft has them; a draft with files needs no text.
    """

    message: Annotated[str, Meta(max_length=MAX_DRAFT)]
    rich_content: dict[str, Any] | None = None
    is_private: bool = False
    actions: Annotated[dict[str, Any], Meta(extra_json_schema={"description": ABOUT_ACTIONS})] | None = None
    file_ids: FileIds = []


class MessageDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it is stored, with the files that it keeps."""

    message: str
    rich_content: Any
    is_private: bool
    actions: Any
    updated_at: datetime
    files: list[File] = []


class DraftOut(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own draft on a ticket."""

    message: str
    rich_content: Any
    is_private: bool
    actions: Any
    updated_at: datetime
    files: list[FileOut]
