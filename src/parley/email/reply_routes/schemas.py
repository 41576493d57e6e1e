"""Reply routes and addresses, as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from parley.email.reply_routes.rules import Kind, Reason
from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH


class ReplyRouteOut(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to an answer to this ticket; `description` says it in a sentence.

    `kind` is `email`, `sms`, `slack`, `widget` (there only) or `none`; `reason` says why it is one of the last two, where
    `description` doesn't say it alone, as after a STOP by text message. `cc` get the same mail, `alone` one of their own.
    With `is_delayed` it goes out only if the widget doesn't show the answer within two minutes. With `is_test` it is kept
    as a mail from a test address, and nothing is sent.
    """

    kind: Kind
    address: str | None
    cc: Sequence[str]
    alone: Sequence[str]
    from_email: str | None
    is_delayed: bool
    is_test: bool
    reason: Reason
    description: str


class ClosedAddressOut(msgspec.Struct, frozen=True, kw_only=True):
    """An address to which nothing, or nothing about the widget (`unsubscribed_at`), is sent any more."""

    address: str
    hard_bounces: int
    last_bounce: str | None
    closed_at: datetime | None
    unsubscribed_at: datetime | None


class WhichAddress(msgspec.Struct, frozen=True):
    """An address to which mail is to be sent again."""

    address: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
