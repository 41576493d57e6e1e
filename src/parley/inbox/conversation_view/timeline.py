"""Messages and changes of a conversation in one order, with the days between them; changes in a row are folded."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

import msgspec

from parley.inbox.conversation_view.history import HistoryEvent
from parley.inbox.conversation_view.messages import MessageView
from parley.kernel.text.time_zones import zone

TOGETHER_WITHIN = timedelta(minutes=5)
MOST_UNFOLDED = 2
"""More changes in a row than these are one line, which a button unfolds."""
MOST_NAMED = 3


class TimelineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the thread: a day, a message, or changes in a row. `key` is the same for the same item."""

    kind: Literal["day", "message", "changes"]
    key: str
    day: str = ""
    message: MessageView | None = None
    is_continued: bool = False  # a message of who wrote the one before it, a moment later
    events: Sequence[HistoryEvent] = ()
    summary: str = ""  # of changes that are folded


def timeline_of(
    messages: Sequence[MessageView],
    events: Sequence[HistoryEvent],
    timezone: str,
    before: MessageView | None = None,
) -> list[TimelineLine]:
    """Return messages and events, which both are in the order of time, as lines.

    `before` is the message that stands above them on the page already.
    """
    lines: list[TimelineLine] = []
    day = _day(before.at, timezone) if before else None
    above = before
    for at, changes, message in _in_order(messages, events, timezone):
        today = _day(at, timezone)
        if today != day:
            lines.append(TimelineLine(kind="day", key=f"day-{today}", day=_named(today)))
            day, above = today, None
        if message is None:
            lines.append(_changes_line(changes))
        else:
            is_continued = above is not None and _continues(above, message)
            key = f"message-{message.id}"
            lines.append(TimelineLine(kind="message", key=key, message=message, is_continued=is_continued))
        above = message
    return lines


def _in_order(
    messages: Sequence[MessageView], events: Sequence[HistoryEvent], timezone: str
) -> Iterator[tuple[datetime, Sequence[HistoryEvent], MessageView | None]]:
    """Yield each message, and before it what happened earlier than it, divided by days."""
    at = 0
    for message in (*messages, None):
        until = at
        while until < len(events) and (message is None or _is_before(events[until], message)):
            until += 1
        for _, found in groupby(events[at:until], key=lambda one: _day(one.at, timezone)):
            changes = list(found)
            yield changes[0].at, changes, None
        if message is not None:
            yield message.at, (), message
        at = until


def _is_before(event: HistoryEvent, message: MessageView) -> bool:
    """Say whether something stands above a message: what was done with it, such as resolving, stands below."""
    return event.at < message.at or (event.is_beginning and event.at == message.at)


def _changes_line(events: Sequence[HistoryEvent]) -> TimelineLine:
    key = f"changes-{events[0].id}-{events[-1].id}"
    summary = _summary(events) if len(events) > MOST_UNFOLDED else ""
    return TimelineLine(kind="changes", key=key, events=events, summary=summary)


def _summary(events: Sequence[HistoryEvent]) -> str:
    names = list(dict.fromkeys(one.who for one in events if one.who))
    named = names[:MOST_NAMED]
    if len(names) > MOST_NAMED:
        named = [*names[: MOST_NAMED - 1], "others"]
    by = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    return f"{len(events)} changes by {by}" if by else f"{len(events)} changes"


def _continues(above: MessageView, message: MessageView) -> bool:
    """Say whether the name above a message need not be said again."""
    is_plain = message.kind != "note" and not message.is_edited
    return is_plain and above.writer == message.writer and message.at - above.at <= TOGETHER_WITHIN


def _day(at: datetime, timezone: str) -> date:
    return at.astimezone(zone(timezone)).date()


def _named(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"
