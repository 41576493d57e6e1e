"""The API of recordings (docs/recordings.md#through-the-api)."""

from typing import Any

from parley.analytics.recordings.routes import recordings, snapshots

handlers: list[Any] = [*recordings.handlers, *snapshots.handlers]
