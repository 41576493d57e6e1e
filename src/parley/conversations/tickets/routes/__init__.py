"""The JSON doors of tickets, messages and comments."""

from typing import Any

from parley.conversations.tickets.routes import (
    access,
    bulk,
    comments,
    merging,
    messages,
    participants,
    tags,
    tickets,
)

handlers: list[Any] = [
    *tickets.handlers,
    *bulk.handlers,
    *merging.handlers,
    *messages.handlers,
    *participants.handlers,
    *comments.handlers,
    *tags.handlers,
    *access.handlers,
]
