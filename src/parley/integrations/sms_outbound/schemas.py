"""Text messages that go out, as they travel and as actions need them."""

from datetime import datetime
from uuid import UUID

import msgspec

from parley.integrations.sms_outbound.rules.states import State


class SmsMessageOut(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or a part of a long one, as a text message. `detail` says in a sentence why it waits or has failed."""

    id: UUID
    ticket_number: int
    message_id: UUID
    part: int
    phone_number: str
    own_number: str
    state: State
    reason: str | None
    detail: str | None
    sid: str | None
    code: int | None
    segments: int | None
    attempts: int
    next_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


class WhichTexts(msgspec.Struct, frozen=True):
    """Held messages by their ids; all of them where none are given."""

    ids: list[UUID] | None = None


class HeldTexts(msgspec.Struct, frozen=True):
    """How many messages were meant."""

    count: int


class DueText(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a contact that is not settled yet."""

    project_id: int
    id: UUID
    contact_id: UUID
    comment_id: UUID
    part: int
    body: str
    state: State
    begun_at: datetime | None
    attempts: int
    created_at: datetime
    is_gone: bool  # the answer was removed meanwhile


class TextOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt came to.

    With a state the message is settled, or Twilio has taken it. Without one it is tried again, after `wait_s` where Twilio
    has said so; `is_unknown` where Twilio may have taken it.
    """

    state: State | None = None
    reason: str | None = None
    detail: str | None = None
    sid: str | None = None
    code: int | None = None
    segments: int | None = None
    wait_s: int = 0
    is_unknown: bool = False
    stops: bool = False  # nothing more is sent to this contact now
