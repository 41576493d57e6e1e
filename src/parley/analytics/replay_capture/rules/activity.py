"""What somebody did, read from the events of rrweb without building what they hold."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

import msgspec

from parley.analytics.recordings.schemas import Activity

INCREMENTAL, META, PLUGIN = 3, 4, 6
MOUSE_MOVE, MOUSE_INTERACTION, SCROLL, RESIZE, INPUT, TOUCH_MOVE, MEDIA, DRAG = 1, 2, 3, 4, 5, 6, 7, 12
ACTIVE = frozenset((MOUSE_MOVE, MOUSE_INTERACTION, SCROLL, RESIZE, INPUT, TOUCH_MOVE, MEDIA, DRAG))
MOUSE = frozenset((MOUSE_MOVE, MOUSE_INTERACTION, TOUCH_MOVE))
CLICK = 2
"""Browsers tell a click of a tap and of each half of a double click, too, whose own events would count twice."""
CONSOLE = b'"rrweb/console@1"'
LOOKED_AT = frozenset((INCREMENTAL, META, PLUGIN))
PAUSE_MS = timedelta(seconds=5) / timedelta(milliseconds=1)
"""Somebody who does nothing for longer is not active."""
MAX_URL, LONGEST_HREF = 512, 64 * 1024


NOTHING = msgspec.Raw()


class _Payload(msgspec.Struct):
    level: msgspec.Raw = NOTHING


class _Data(msgspec.Struct):
    """What is looked at in the data of an event. Nothing is built of it, however much it is."""

    source: msgspec.Raw = NOTHING
    type: msgspec.Raw = NOTHING
    plugin: msgspec.Raw = NOTHING
    href: msgspec.Raw = NOTHING
    payload: msgspec.Raw = NOTHING


_DATA = msgspec.json.Decoder(_Data)
_PAYLOAD = msgspec.json.Decoder(_Payload)


class Watched:
    """Counts what happens in a batch, event by event."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Activity.__struct_fields__, 0)
        self._active: list[float] = []
        self.start_url: str | None = None

    def see(self, type: int, timestamp: float, data: msgspec.Raw) -> None:
        """Take one event; data that has another form than rrweb's counts as nothing."""
        if type not in LOOKED_AT:
            return
        try:
            found = _DATA.decode(data)
            if type == INCREMENTAL:
                self._see_increment(found, timestamp)
            elif type == PLUGIN and bytes(found.plugin) == CONSOLE:
                self._see_console(bytes(_PAYLOAD.decode(found.payload).level))
            elif type == META and self.start_url is None:
                self.start_url = _url(bytes(found.href))
        except (msgspec.MsgspecError, RecursionError):
            return

    def _see_increment(self, found: _Data, timestamp: float) -> None:
        source = _small(found.source)
        if source not in ACTIVE:
            return
        self._active.append(timestamp)
        if source == INPUT:
            self._counts["keypress_count"] += 1
        elif source in MOUSE:
            self._counts["mouse_activity_count"] += 1
            if source == MOUSE_INTERACTION and _small(found.type) == CLICK:
                self._counts["click_count"] += 1

    def _see_console(self, level: bytes) -> None:
        name = {b'"warn"': "warn", b'"error"': "error"}.get(level, "log")
        self._counts[f"console_{name}_count"] += 1

    def activity(self) -> Activity:
        """Return what the batch comes to."""
        return Activity(**{**self._counts, "active_ms": active_ms(self._active)})


def _small(raw: msgspec.Raw) -> int | None:
    text = bytes(raw)
    return int(text) if 0 < len(text) < 3 and text.isdigit() else None


def _url(text: bytes) -> str | None:
    is_text = text.startswith(b'"') and len(text) <= LONGEST_HREF
    return msgspec.json.decode(text, type=str).replace("\0", "")[:MAX_URL] if is_text else None


def active_ms(moments: Iterable[float]) -> int:
    """Return for how long somebody was active who did something at these moments (milliseconds)."""
    ordered = sorted(moments)
    pauses = (after - before for before, after in pairwise(ordered))
    return int(sum(pause for pause in pauses if pause <= PAUSE_MS))
