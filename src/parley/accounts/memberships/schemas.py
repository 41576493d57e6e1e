"""Availability on the wire."""

import msgspec

from parley.accounts.users.schemas import UserBasic


class AvailabilityOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a member is there to work on tickets."""

    user: UserBasic
    is_available: bool


class NewAvailability(msgspec.Struct, frozen=True):
    """Whether a member is there."""

    is_available: bool
