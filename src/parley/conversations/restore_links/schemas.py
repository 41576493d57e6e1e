"""What the widget sends to get lost conversations back, and is answered. `routes.py` reads it by hand."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.restore_links.rules import MAX_PAGE, MAX_TOKEN, MIN_TOKEN, Status
from parley.kernel.network.emails import MAX_EMAIL_LENGTH


class RestoreRequest(msgspec.Struct, frozen=True):
    """Who has lost their conversations; `request_url` is the page to which the link leads."""

    email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH)]
    request_url: Annotated[str, Meta(min_length=1, max_length=MAX_PAGE)]


class RestoreRequested(msgspec.Struct, frozen=True):
    """The request was taken, whether or not anybody has the address."""

    ok: bool = True


class RestoreRedemption(msgspec.Struct, frozen=True):
    """The token of a link, and the session that gets the conversations."""

    restore_token: Annotated[str, Meta(min_length=MIN_TOKEN, max_length=MAX_TOKEN)]
    widget_session_id: UUID


class Restored(msgspec.Struct, frozen=True):
    """What became of the link. With `success` the tickets are named, newest first, but to a browser that has only one."""

    status: Status
    code: str | UnsetType = UNSET
    widget_session_id: UUID | UnsetType = UNSET
    migrated_ticket_ids: list[UUID] | UnsetType = UNSET
