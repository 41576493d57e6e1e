"""The routes of events: what SDKs send, and the API that reads it back."""

from typing import Any

from parley.people.events.routes import capture, events, flags

handlers: list[Any] = [*capture.handlers, *flags.handlers, *events.handlers]
