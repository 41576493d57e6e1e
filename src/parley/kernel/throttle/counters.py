"""The counters of one limit in this process, in bounded memory.

No key can push out another one. Once so many are being counted, those that come new share some counters until old windows
end: what isn't known by then is limited more strictly, and nothing that is counted is forgotten.
"""

from parley.kernel.throttle.limit import Limit, Window, is_over, wait_s

MOST_KEYS = 16_384
SHARED_COUNTERS = 1024
SHARED_PLACE = b"shared "


class Counters:
    """Windows by key, oldest first: all windows of a limit have one length, so they end in the order of the dictionary."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._windows: dict[bytes, Window] = {}

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: bytes, now: float) -> tuple[bytes, Window, float]:
        """Count one, unless it must wait; return the key it was counted under, its window, and how long it must wait."""
        key, window = self._place_of(key, now)
        if window is None:
            window = self._windows[key] = Window(1, now, now + self._limit.window_s)
            return key, window, 0.0
        refused_s = wait_s(self._limit, window, now)
        if refused_s <= 0:
            window = self._windows[key] = Window(window.n + 1, now, window.ends_at)
        return key, window, refused_s

    def find(self, key: bytes, now: float) -> Window | None:
        """Return the key's own running window, never a shared one."""
        window = self._windows.get(key)
        return None if window is None or is_over(self._limit, window, now) else window

    def take_back(self, key: bytes, now: float) -> None:
        """Forget one that was counted under this key."""
        window = self.find(key, now)
        if window is not None:
            self._windows[key] = Window(max(0, window.n - 1), window.last_at, window.ends_at)

    def forget(self, key: bytes) -> None:
        """Forget all that was counted under this key."""
        self._windows.pop(key, None)

    def _place_of(self, key: bytes, now: float) -> tuple[bytes, Window | None]:
        window = self._running(key, now)
        if window is not None:
            return key, window
        self._forget_ended(now)
        if len(self._windows) < MOST_KEYS:
            return key, None
        shared = SHARED_PLACE + b"%d" % (int.from_bytes(key[:4]) % SHARED_COUNTERS)
        return shared, self._running(shared, now)

    def _running(self, key: bytes, now: float) -> Window | None:
        window = self._windows.get(key)
        if window is not None and is_over(self._limit, window, now):
            del self._windows[key]  # where it begins anew it is the youngest
            return None
        return window

    def _forget_ended(self, now: float) -> None:
        while self._windows:
            oldest = next(iter(self._windows))
            if not is_over(self._limit, self._windows[oldest], now):
                return
            del self._windows[oldest]
