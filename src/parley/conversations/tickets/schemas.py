"""What other features say of a ticket on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from parley.accounts.users.schemas import UserBasic


class MergedFrom(msgspec.Struct, frozen=True):
    """The ticket that a request named, where that is merged into the one that is shown."""

    id: UUID
    ticket_number: int
    merged_at: datetime
    merged_by: UserBasic | None
