"""The JSON doors of tickets, messages and comments."""

from typing import Any

from parley.tickets.routes import bulk, comments, messages, tags, tickets

handlers: list[Any] = [
    *tickets.handlers,
    *bulk.handlers,
    *messages.handlers,
    *comments.handlers,
    *tags.handlers,
]
