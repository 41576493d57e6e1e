"""Mail that goes out, as it travels."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from parley.email.outbound.rules.states import EmailState, RecipientKind, RecipientState


class OutboundRecipientOut(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient of a mail. `answer` is what the mail server said last, `bounce` what came back later."""

    address: str
    kind: RecipientKind
    state: RecipientState
    answer: str | None
    accepted_at: datetime | None
    bounced_at: datetime | None
    bounce: str | None


class OutboundEmailOut(msgspec.Struct, frozen=True, kw_only=True):
    """A mail with answers of the team.

    `kind` is `reply`, or `unread` for answers that the widget hadn't shown. `reason` says why it is held, has failed or was
    cancelled. `next_at` is when it is tried next. `message_id` has no angle brackets.
    """

    id: UUID
    ticket_id: UUID
    ticket_number: int
    message_ids: Sequence[UUID]
    kind: str
    state: EmailState
    reason: str | None
    subject: str
    message_id: str
    recipients: Sequence[OutboundRecipientOut]
    attempts: int
    next_at: datetime | None
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None
