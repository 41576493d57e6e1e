"""What is kept of what was made lately."""

import asyncio
from collections.abc import Callable

from parley.kernel.recent import OVERHEAD, RecentBytes, RecentVersions


def test_what_was_asked_for_last_stays_as_long_as_there_is_room_and_time() -> None:
    now = [0.0]
    recent = RecentBytes(10, 60, now=lambda: now[0])
    recent.put(b"a", b"1234")
    recent.put(b"b", b"1234")
    assert recent.get(b"a") == b"1234"
    recent.put(b"c", b"1234")  # b was asked for least lately
    recent.put(b"d", b"12345678901")  # larger than all
    assert [recent.get(key) for key in (b"a", b"b", b"c", b"d")] == [b"1234", None, b"1234", None]
    recent.put(b"a", b"")
    recent.put(b"e", b"123456")
    assert [recent.get(key) for key in (b"a", b"c", b"e")] == [b"", b"1234", b"123456"]
    now[0] = 61
    assert [recent.get(key) for key in (b"a", b"c", b"e")] == [None] * 3


class Timers:
    """What shall happen later; the test says when."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        self.waiting.append(callback)
        return asyncio.get_running_loop().call_later(3600, callback)

    def run(self) -> None:
        """Let the time pass that is waited for."""
        waiting, self.waiting = self.waiting, []
        for callback in waiting:
            callback()


async def test_a_value_is_of_its_version() -> None:
    recent = RecentVersions(100_000, 60)
    recent.put("a", 1, b"one")
    assert [recent.get("a", 1), recent.get("a", 2), recent.get("b", 1)] == [b"one", None, None]
    recent.put("a", 2, b"two")
    assert [recent.get("a", 1), recent.get("a", 2)] == [None, b"two"]
    await recent.clear()
    assert recent.get("a", 2) is None


async def test_what_nobody_asks_for_is_forgotten_though_nobody_asks_for_anything() -> None:
    timers = Timers()
    recent = RecentVersions(100_000, 60, timers.later)
    recent.put("a", 1, b"a value")
    recent.put("b", 1, b"other")
    timers.run()
    assert recent.get("a", 1) == b"a value"  # and so it is young again
    timers.run()
    assert [recent.get("b", 1), recent.get("a", 1)] == [None, b"a value"]
    timers.run()
    timers.run()
    assert recent.get("a", 1) is None and "a value" not in repr(vars(recent))
    assert timers.waiting == []  # nothing is kept, so nothing grows old


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    recent = RecentVersions(20 * OVERHEAD, 60)
    for n in range(100):
        recent.put(n, 1, b"1" * OVERHEAD)
        assert recent.get(0, 1) is not None  # whatever is asked for again and again stays
    kept = [n for n in range(100) if recent.get(n, 1)]
    assert 0 in kept and 99 in kept and len(kept) <= 12
    recent.put("large", 1, b"1" * 100 * OVERHEAD)
    assert recent.get("large", 1) is None and recent.get(99, 1) is not None
