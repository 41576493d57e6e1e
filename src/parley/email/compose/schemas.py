"""A composed conversation on the wire."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.files.schemas import FileIds
from parley.conversations.ticket_api.schemas import TagNames
from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.people.persons.rules.distinct_ids import DistinctId
from parley.people.persons.rules.names import MAX_NAME

MAX_COMPOSED = 5000


class ComposedMessage(msgspec.Struct, kw_only=True):
    """The first message of a conversation.

    By mail `recipient_email` and `email_config_id`, the channel from which it goes out, are required. By text message
    there are `recipient_phone` and `sms_channel_id` in their place.
    """

    recipient_email: (
        Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)] | UnsetType
    ) = UNSET
    email_config_id: UUID | UnsetType = UNSET
    message: Annotated[str, Meta(max_length=MAX_COMPOSED, extra=TRIM)]
    recipient_distinct_id: DistinctId | None = None
    recipient_name: Annotated[str, Meta(max_length=MAX_NAME, extra=TRIM)] | None = None
    email_subject: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
    rich_content: dict[str, Any] | None = None
    tags: TagNames = []
    file_ids: FileIds = []
    recipient_phone: Annotated[str, Meta(min_length=1, max_length=40, extra=TRIM)] | UnsetType = UNSET
    sms_channel_id: UUID | UnsetType = UNSET


class ComposedTicket(msgspec.Struct, frozen=True):
    """The ticket of the conversation."""

    id: UUID
    ticket_number: int
