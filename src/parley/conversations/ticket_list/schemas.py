"""What the ticket list answers besides tickets."""

import msgspec


class UnreadCount(msgspec.Struct, frozen=True):
    count: int
