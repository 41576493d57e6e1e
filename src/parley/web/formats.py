"""How pages show times, counts and names."""

import zlib
from datetime import UTC, datetime, timedelta

from parley.kernel.text.time_zones import zone

N_COLORS = 6
STEPS = (
    (timedelta(days=365), "y"),
    (timedelta(days=30), "mo"),
    (timedelta(days=7), "w"),
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
)


def ago(at: datetime, now: datetime) -> str:
    """Say how long ago, or in how long, in the largest unit that fits: `now`, `5 min`, `3 d`, `in 2 h`."""
    gap = abs(now - at)
    for size, unit in STEPS:
        if gap >= size:
            words = f"{gap // size} {unit}"
            return words if at <= now else f"in {words}"
    return "now"


def past(at: datetime, now: datetime) -> str:
    """Say when something happened, within a sentence: `now`, `5 min ago`; a clock that is ahead counts as now."""
    words = ago(min(at, now), now)
    return words if words == "now" else f"{words} ago"


def local_time(at: datetime, timezone: str) -> str:
    """Say an instant in a time zone: `Sat 21 Nov 2026, 09:05`."""
    return at.astimezone(zone(timezone) if timezone else UTC).strftime("%a %d %b %Y, %H:%M")


def clock_time(seconds: int) -> str:
    """Say how long something is, as clocks of players do: `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def initials(name: str) -> str:
    """Return one or two letters for a picture: of the first and the last word, or of an address before its @."""
    words = [
        word for word in name.split("@")[0].replace(".", " ").replace("-", " ").split() if word[0].isalnum()
    ]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def color_class(name: str) -> str:
    """Return the class of a colour that stays the same for a name."""
    return f"tone-{zlib.crc32(name.encode('utf-8', 'replace')) % N_COLORS}"


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Say a number with its noun: `1 ticket`, `2 tickets`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
