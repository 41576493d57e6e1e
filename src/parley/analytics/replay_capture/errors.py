"""Errors of recorders' requests: plain text, as the wire format wants (docs/recordings.md#answers)."""

from parley.people.events.errors import CaptureRefused


class ReplayRefused(CaptureRefused):
    """A request of a recorder that is refused; nothing of it is stored."""

    def __init__(self, text: str) -> None:
        super().__init__(f"replay event submitted {text}")
