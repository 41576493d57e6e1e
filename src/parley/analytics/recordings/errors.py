"""Limits of recordings that were reached; the names are stored in `recording_usage`."""


class RecordingLimitReached(Exception):
    """What was sent would pass a limit, so nothing of it is kept; `limit` is its name."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit
