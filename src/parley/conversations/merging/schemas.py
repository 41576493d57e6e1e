"""What is asked of merging and splitting, as it travels."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.kernel.http.body import TRIM


class MergeInto(msgspec.Struct, kw_only=True):
    """The ticket that another one is merged into, by its uuid or number."""

    into: Annotated[str, Meta(max_length=100, extra=TRIM)] | int


class NewSplit(msgspec.Struct, kw_only=True):
    """Messages that become a ticket of their own; without a subject it has that of the ticket that they were on."""

    message_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]
    subject: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
