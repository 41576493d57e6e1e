"""What this process has made lately and may be asked for again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

OVERHEAD = 1_000
"""Bytes that a value takes beside its own: its key, its version and their place."""

Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]
"""As `call_later` of an event loop."""


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


class RecentVersions:
    """Values by key, each made of one version of something; those that were asked for last, up to so many bytes.

    What nobody has asked for within `seconds` is forgotten before twice that time is over, whether anybody asks or not.
    """

    def __init__(self, most_bytes: int, seconds: float, later: Later | None = None) -> None:
        self._most_young_bytes, self._seconds, self._later = most_bytes // 2, seconds, later
        # What was asked for since values have last grown old, and what was only asked for before.
        self._young: dict[Hashable, tuple[Hashable, bytes]] = {}
        self._old: dict[Hashable, tuple[Hashable, bytes]] = {}
        self._n_young_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def get(self, key: Hashable, version: Hashable) -> bytes | None:
        """Return the value of this version, None where it isn't kept."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None or found[0] != version:
                return None
            self.put(key, *found)
        return found[1] if found[0] == version else None

    def put(self, key: Hashable, version: Hashable, value: bytes) -> None:
        """Keep the value where there is room for it, in place of another version's. Needs a running event loop."""
        if len(value) + OVERHEAD > self._most_young_bytes:
            return
        before = self._young.get(key)
        self._young[key] = version, value
        self._n_young_bytes += len(value) - len(before[1]) if before else len(value) + OVERHEAD
        if self._n_young_bytes > self._most_young_bytes:
            self._grow_old()
        elif self._timer is None:
            self._wait()

    async def clear(self) -> None:
        """Forget everything at once."""
        self._young, self._old, self._n_young_bytes = {}, {}, 0

    def _wait(self) -> None:
        later = self._later or asyncio.get_running_loop().call_later
        self._timer = later(self._seconds, self._grow_old)

    def _grow_old(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._young, self._old, self._n_young_bytes = {}, self._young, 0
        if self._old:
            self._wait()
