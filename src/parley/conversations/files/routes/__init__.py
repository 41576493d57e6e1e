"""The API of files, and the links to their content."""

from typing import Any

from parley.conversations.files.routes import content, files, uploads

handlers: list[Any] = [*files.handlers, *uploads.handlers, *content.handlers]
