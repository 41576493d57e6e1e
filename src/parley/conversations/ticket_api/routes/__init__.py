"""The API of tickets."""

from typing import Any

from parley.conversations.ticket_api.routes import access, tags, tickets

handlers: list[Any] = [*tickets.handlers, *tags.handlers, *access.handlers]
