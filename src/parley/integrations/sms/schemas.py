"""Text messages as they travel, and as actions need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.integrations.connections.schemas import IntegrationNumber
from parley.kernel.http.body import TRIM

UNNUMBERED = "sms-"
"""How distinct ids of customers begin whose messages come from a name or a short code; behind it is a uuid."""


class NewSmsChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A number to be connected: one of the account at Twilio that the integration is."""

    integration_id: IntegrationNumber
    phone_number: Annotated[str, Meta(min_length=1, max_length=40, extra=TRIM)]


class SmsChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is a channel."""

    project_id: int
    id: UUID
    integration_id: int
    account_sid: str
    number: str
    number_sid: str
    name: str
    is_routed: bool
    problem: str | None
    created_at: datetime


class SmsChannelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is a channel.

    With `is_routed` Twilio posts its messages to `inbound_url`; otherwise `problem` says why not, and somebody has to enter
    the URL in the console of Twilio.
    """

    id: UUID
    integration_id: int
    phone_number: str
    name: str
    is_routed: bool
    problem: str | None
    inbound_url: str
    created_at: datetime


class SmsContact(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's number beside one of ours; locked where an action holds it."""

    project_id: int
    id: UUID
    own_number: str
    number: str
    ticket_id: UUID | None
    opted_out_at: datetime | None

    @property
    def distinct_id(self) -> str:
        """The distinct id of the customer: a number in the form of E.164, else one that nobody else can claim.

        A name, or a short code, may be what a site calls one of its own people.
        """
        return self.number if self.number.startswith("+") else f"{UNNUMBERED}{self.id}"


class IncomingText(msgspec.Struct, frozen=True, kw_only=True):
    """A message as Twilio posts it; `media` are URLs of files."""

    sid: str
    sender: str
    body: str
    opt_out_type: str = ""
    media: Sequence[str] = ()


class SettledFiles(msgspec.Struct, frozen=True):
    """The files of a message that are stored, and how many could not be fetched."""

    ids: Sequence[UUID] = ()
    n_missing: int = 0


class OptOutOut(msgspec.Struct, frozen=True, kw_only=True):
    """A number that gets no text messages. `opted_out_by` is `customer`; `twilio`, which had refused a message;
    or `earlier`: they had said so before their data were erased.
    """

    phone_number: str
    own_number: str
    opted_out_at: datetime
    opted_out_by: str
