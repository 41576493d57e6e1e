"""A request of a recorder: an event `$snapshot`, or a list of them, each with a batch of events of rrweb."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.analytics.recordings.schemas import Activity
from parley.analytics.replay_capture.errors import ReplayRefused
from parley.analytics.replay_capture.rules.activity import Watched
from parley.analytics.snapshots.gzip_members import packed
from parley.kernel.text.surrogates import without_halves
from parley.people.events.errors import CaptureRefused, UnparsableBody
from parley.people.events.rules.submission import NO_EVENT
from parley.people.events.rules.tokens import agreed_token

SNAPSHOT = "$snapshot"
MAX_SNAPSHOTS, MAX_SESSIONS, MAX_EVENTS = 50, 5, 20_000
"""How many events `$snapshot` a request holds at most, of how many sessions, and how many events of rrweb.

Browsers send one or a few of one session, and of two where one follows the other; SDKs of phones send up to 50.
"""
ID = re.compile(r"[A-Za-z0-9-]{1,70}", re.ASCII)
MAX_DISTINCT_ID = 400
LARGE = 256 * 1024
HALF = re.compile("surrogate|escape")
FARTHEST = timedelta(hours=24)
"""Clocks that are off by more are wrong, and times are counted from the arrival."""
FARTHEST_MS = timedelta(hours=1) / timedelta(milliseconds=1)
"""Recorders send every few seconds, and begin a new session after half an hour in which nothing was done."""
MOST_MS = 8.64e15
"""The last moment that a `Date` of JavaScript can hold, in milliseconds since 1970."""


NOTHING = msgspec.Raw()
LONGEST_VALUE = 4096
MISSING_DATA = "required field `$snapshot_data`"


class _Properties(msgspec.Struct, gc=False):
    # Without a default: a long list of anything else is refused at the first of it.
    data: msgspec.Raw = msgspec.field(name="$snapshot_data")
    token: msgspec.Raw = NOTHING
    distinct_id: msgspec.Raw = NOTHING
    session_id: msgspec.Raw = msgspec.field(default=NOTHING, name="$session_id")
    window_id: msgspec.Raw = msgspec.field(default=NOTHING, name="$window_id")
    source: msgspec.Raw = msgspec.field(default=NOTHING, name="$snapshot_source")


class _Event(msgspec.Struct, gc=False):
    """An event as it was sent. Nothing is built of its values before their size is known."""

    event: msgspec.Raw
    properties: _Properties
    token: msgspec.Raw = NOTHING
    api_key: msgspec.Raw = NOTHING
    distinct_id: msgspec.Raw = NOTHING


class _Batch(msgspec.Struct, gc=False):
    api_key: msgspec.Raw = NOTHING
    token: msgspec.Raw = NOTHING
    batch: msgspec.Raw = NOTHING


class _Rrweb(msgspec.Struct, gc=False):
    type: Annotated[int, Meta(ge=0, le=255)]
    timestamp: Annotated[float, Meta(ge=-MOST_MS, le=MOST_MS)]
    data: msgspec.Raw = msgspec.Raw(b"null")


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A checked batch: which session and window it belongs to, and its object: gzip of its lines."""

    session_id: str
    window_id: str
    distinct_id: str
    snapshot_source: str
    digest: bytes
    content: bytes
    n_events: int
    start_ms: float
    end_ms: float
    activity: Activity
    start_url: str | None


_EVENT, _EVENTS = msgspec.json.Decoder(_Event), msgspec.json.Decoder(list[_Event])
_BATCH, _TEXT = msgspec.json.Decoder(_Batch), msgspec.json.Decoder(str | int)
_RRWEB, _RRWEBS = msgspec.json.Decoder(_Rrweb), msgspec.json.Decoder(list[_Rrweb])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


def snapshots_of(data: bytes, of_query: str | None) -> tuple[str, list[Snapshot]]:
    """Return the project token of a decoded body, and its batches; raises CaptureRefused with what is wrong."""
    try:
        whole, events = _events(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if MISSING_DATA in str(error):
            raise ReplayRefused("without snapshot data") from error
        raise UnparsableBody(str(error)[:200]) from error
    if not events:
        raise CaptureRefused(NO_EVENT)
    if len(events) > MAX_SNAPSHOTS:
        raise UnparsableBody(f"more than {MAX_SNAPSHOTS} events in one request")
    if len({bytes(event.properties.session_id) for event in events}) > MAX_SESSIONS:
        raise UnparsableBody(f"more than {MAX_SESSIONS} sessions in one request")
    token = agreed_token(whole, [_with_token(event) for event in events], of_query)
    left, found = MAX_EVENTS, []
    for event in events:
        found.append(_snapshot(event, left))
        left -= found[-1].n_events
    return token, found


def _events(data: bytes) -> tuple[dict[str, Any], list[_Event]]:
    """Return what a whole batch says of itself, and its events."""
    text = _as_utf_8(data.removeprefix(b"\xef\xbb\xbf").strip())
    try:
        return _events_of(text)
    except msgspec.DecodeError as error:
        if not HALF.search(str(error)):
            raise
        return _events_of(without_halves(text))


def _events_of(text: bytes) -> tuple[dict[str, Any], list[_Event]]:
    if text.startswith(b"["):
        return {}, _EVENTS.decode(text)
    if not text:
        return {}, []
    batch = _BATCH.decode(text)
    if bytes(batch.batch).startswith(b"["):
        return {"api_key": _value(batch.api_key), "token": _value(batch.token)}, _EVENTS.decode(batch.batch)
    return {}, [_EVENT.decode(text)]


def _value(raw: msgspec.Raw) -> Any:
    """Return a short text or a whole number; None where there is nothing, and anything else as it is."""
    text = bytes(raw) if len(raw) <= LONGEST_VALUE else b"["
    if text in (b"", b"null"):
        return None
    try:
        return _TEXT.decode(text)
    except msgspec.MsgspecError:
        return raw


def _as_utf_8(data: bytes) -> bytes:
    """Return the text with a mark in place of what is no UTF-8, since nobody could read it later."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").encode()
    return data


def _with_token(event: _Event) -> dict[str, Any]:
    properties = {"token": _value(event.properties.token)}
    return {"api_key": _value(event.api_key), "token": _value(event.token), "properties": properties}


def _snapshot(event: _Event, most: int) -> Snapshot:
    properties = event.properties
    if _value(event.event) != SNAPSHOT:
        raise ReplayRefused(f"under another name than {SNAPSHOT}")
    session_id = _id(_value(properties.session_id), "session")
    window_id = _id(_value(properties.window_id), "window")
    raw = bytes(properties.data)
    lines = _Lines(window_id, most)
    for one in _raw_events(raw):
        lines.add(one)
    if lines.n_events == 0:
        raise ReplayRefused("without snapshot data")
    start_ms, end_ms = lines.time()
    return Snapshot(
        session_id=session_id,
        window_id=window_id,
        distinct_id=_distinct_id(event, session_id),
        snapshot_source="mobile" if _value(properties.source) == "mobile" else "web",
        digest=sha256(b"%s\0%s" % (window_id.encode(), raw)).digest(),
        content=packed(b"".join(lines.pieces)),
        n_events=lines.n_events,
        start_ms=start_ms,
        end_ms=end_ms,
        activity=lines.watched.activity(),
        start_url=lines.watched.start_url,
    )


def _id(value: Any, kind: str) -> str:
    if value is None or value == "":
        raise ReplayRefused(f"without {kind} id")
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ReplayRefused(f"with invalid {kind} id")
    return value


def _distinct_id(event: _Event, session_id: str) -> str:
    for value in (_value(event.properties.distinct_id), _value(event.distinct_id)):
        if isinstance(value, (str, int)):
            text = str(value).replace("\0", "").strip()[:MAX_DISTINCT_ID]
            if text:
                return text
    return session_id


def _raw_events(raw: bytes) -> Iterator[msgspec.Raw]:
    """Yield the events of `$snapshot_data`, which is a list of them, or a single one."""
    if raw in (b"", b"null"):
        raise ReplayRefused("without snapshot data")
    if raw.startswith(b"["):
        if len(raw) > LARGE:
            _check_events(raw)
        yield from _RAWS.decode(raw)
    elif raw.startswith(b"{"):
        yield msgspec.Raw(raw)
    else:
        raise ReplayRefused("with invalid snapshot data")


def _too_many() -> ReplayRefused:
    return ReplayRefused(f"with more than {MAX_EVENTS} events in one request")


def _check_events(raw: bytes) -> None:
    """Refuse a large list that holds anything else at the first of it: millions of small things take much memory."""
    if raw.count(b'"timestamp"') > 2 * MAX_EVENTS:
        raise _too_many()
    try:
        _RRWEBS.decode(raw)
    except msgspec.MsgspecError as error:
        raise ReplayRefused("with invalid snapshot data") from error


class _Lines:
    """The lines of a block, with what they come to."""

    def __init__(self, window_id: str, most: int) -> None:
        self._prefix = b'["%s",' % window_id.encode()
        self._most = most
        self.pieces: list[bytes] = []
        self.watched = Watched()
        self.n_events = 0
        self._moments: list[float] = []

    def add(self, raw: msgspec.Raw) -> None:
        """Add an event of rrweb as it came; raises ReplayRefused where it is none."""
        try:
            event = _RRWEB.decode(raw)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ReplayRefused("with invalid snapshot data") from error
        if self.n_events == self._most:
            raise _too_many()
        self.n_events += 1
        self._moments.append(event.timestamp)
        self.watched.see(event.type, event.timestamp, event.data)
        self.pieces += (self._prefix, _in_one_line(bytes(raw)), b"]\n")

    def time(self) -> tuple[float, float]:
        """Return when the batch begins and ends. What is far from its middle event has a wrong time, and doesn't count."""
        ordered = sorted(self._moments)
        middle = ordered[len(ordered) // 2]
        near = [one for one in ordered if abs(one - middle) <= FARTHEST_MS]
        return near[0], near[-1]


def _in_one_line(raw: bytes) -> bytes:
    """Return JSON without line breaks, which may stand between its parts."""
    return msgspec.json.format(raw, indent=-1) if b"\n" in raw or b"\r" in raw else raw


def covered(start_ms: float, end_ms: float, now: datetime) -> tuple[datetime, datetime]:
    """Return the time that a batch covers, by the clock of the recorder.

    Where that is off by more than a day, the batch ends now. Nothing covers more than a day.
    """
    longest = FARTHEST / timedelta(milliseconds=1)
    now_ms = now.timestamp() * 1000
    if abs(end_ms - now_ms) > longest:
        start_ms, end_ms = start_ms + now_ms - end_ms, now_ms
    start_ms = max(start_ms, end_ms - longest)
    return _instant(start_ms), _instant(end_ms)


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
