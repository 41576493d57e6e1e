"""What is kept of what was made lately."""

from parley.kernel.recent import RecentBytes


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
