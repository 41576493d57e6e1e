"""What Twilio answers, as far as Parley reads it, and what Parley answers itself."""

from collections.abc import Sequence
from typing import Any

import msgspec


class TwilioAccount(msgspec.Struct, frozen=True):
    """An account. `auth_token` is in the answer, too, and is not read."""

    sid: str
    status: str = "active"


class TwilioNumber(msgspec.Struct, frozen=True):
    """A phone number of an account, in the form of E.164."""

    sid: str
    phone_number: str
    friendly_name: str = ""
    capabilities: dict[str, Any] = {}

    @property
    def can_text(self) -> bool:
        """Say whether the number takes text messages; one of which nothing is said may."""
        return self.capabilities.get("sms") is not False or self.capabilities.get("SMS") is True


class TwilioNumbers(msgspec.Struct, frozen=True):
    """A page of the list of phone numbers."""

    incoming_phone_numbers: list[TwilioNumber]
    next_page_uri: str | None = None


class TwilioMessage(msgspec.Struct, frozen=True):
    """A text message that Twilio has taken. `num_segments` is how many it is charged for."""

    sid: str
    status: str = ""
    body: str = ""
    num_segments: str | int | None = None
    date_created: str | None = None


class TwilioMessages(msgspec.Struct, frozen=True):
    """A page of the list of messages, the newest first."""

    messages: list[TwilioMessage]
    next_page_uri: str | None = None


class TwilioProblem(msgspec.Struct, frozen=True):
    """The body of a refusal: `code` is one of https://www.twilio.com/docs/api/errors."""

    code: int = 0
    message: str = ""


class PhoneNumberOut(msgspec.Struct, frozen=True):
    """A phone number of the connected account."""

    sid: str
    phone_number: str
    friendly_name: str


class PhoneNumbersOut(msgspec.Struct, frozen=True, kw_only=True):
    """All phone numbers of the connected account, and when Twilio was asked for them."""

    phone_numbers: Sequence[PhoneNumberOut]
    last_refreshed_at: str = msgspec.field(name="lastRefreshedAt")


class ListedNumbers(msgspec.Struct, frozen=True):
    """What is kept of the list for an hour."""

    numbers: list[TwilioNumber]
    at: str
