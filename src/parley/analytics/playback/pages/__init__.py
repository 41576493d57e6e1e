"""The pages of recordings (docs/recordings.md#watching)."""

from typing import Any

from parley.analytics.playback.pages import recordings

handlers: list[Any] = [*recordings.handlers]
