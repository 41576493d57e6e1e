"""What this process has made lately and may be asked for again."""

import time
from collections import OrderedDict
from collections.abc import Callable


class RecentBytes:
    """Values by key: those that were asked for last, up to so many bytes, and none older than `seconds`."""

    def __init__(self, most_bytes: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes, self._seconds, self._now = most_bytes, seconds, now
        self._kept: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._n_bytes = 0

    def get(self, key: bytes) -> bytes | None:
        """Return a value, None where it isn't kept."""
        made_at, value = self._kept.get(key, (0.0, None))
        if value is None:
            return None
        if self._now() - made_at > self._seconds:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value, and forget others as far as it takes their room."""
        self._forget(key)
        if len(value) > self._most_bytes:
            return
        self._kept[key] = (self._now(), value)
        self._n_bytes += len(value)
        while self._n_bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: bytes) -> None:
        found = self._kept.pop(key, None)
        self._n_bytes -= len(found[1]) if found else 0
