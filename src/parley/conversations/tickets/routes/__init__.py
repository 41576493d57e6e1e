"""The API of tickets."""

from typing import Any

from parley.conversations.tickets.routes import access, bulk, tags, tickets

handlers: list[Any] = [*tickets.handlers, *bulk.handlers, *tags.handlers, *access.handlers]
