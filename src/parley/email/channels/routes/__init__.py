"""The endpoints of e-mail channels: PostHog's, and plain ones below a project."""

from typing import Any

from parley.email.channels.routes import channels, settings

handlers: list[Any] = [*channels.handlers, *settings.handlers]
