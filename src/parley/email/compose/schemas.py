"""A composed conversation on the wire."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.conversations.files.schemas import FileIds
from parley.conversations.ticket_api.schemas import TagNames
from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.people.persons.rules.distinct_ids import DistinctId

MAX_COMPOSED = 5000


class ComposedMessage(msgspec.Struct, kw_only=True):
    """The first mail of a conversation; `email_config_id` is the channel from which it goes out."""

    recipient_email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
    email_config_id: UUID
    message: Annotated[str, Meta(max_length=MAX_COMPOSED, extra=TRIM)]
    recipient_distinct_id: DistinctId | None = None
    email_subject: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
    rich_content: dict[str, Any] | None = None
    tags: TagNames = []
    file_ids: FileIds = []


class ComposedTicket(msgspec.Struct, frozen=True):
    """The ticket of the conversation."""

    id: UUID
    ticket_number: int
