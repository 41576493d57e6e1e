"""The endpoints of projects."""

from typing import Any

from parley.accounts.projects.routes import projects, tokens

handlers: list[Any] = [*projects.handlers, *tokens.handlers]
