"""What may go on at the same time for each key, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from parley.kernel.errors import Throttled


class SlotLimit(msgspec.Struct, frozen=True):
    """At most `most` at the same time for each key; who is refused may come again after `wait_s`."""

    name: str
    most: int
    wait_s: int = 1


class Slots:
    """Which slots are taken. Memory is bounded by what goes on."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], int] = {}

    @contextmanager
    def taken(self, *wanted: tuple[SlotLimit, str], n: int = 1) -> Iterator[None]:
        """Take `n` of each, and give them back at the end; raises Throttled when there are too few left of one."""
        keys = [(limit.name, key) for limit, key in wanted]
        for (limit, _), key in zip(wanted, keys, strict=True):
            if self._taken.get(key, 0) + n > limit.most:
                raise Throttled(limit.wait_s)
        for key in keys:
            self._taken[key] = self._taken.get(key, 0) + n
        try:
            yield
        finally:
            for key in keys:
                self._taken[key] -= n
                if not self._taken[key]:
                    del self._taken[key]
