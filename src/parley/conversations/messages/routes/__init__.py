"""The API of messages: replies and notes on a ticket, and comments."""

from typing import Any

from parley.conversations.messages.routes import comments, messages

handlers: list[Any] = [*messages.handlers, *comments.handlers]
