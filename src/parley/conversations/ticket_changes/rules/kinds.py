"""Everything that can happen to a ticket, and how it is announced: the one list of it.

The names of stored events, of webhooks' types and of the stream's types are part of the API. They stand here and nowhere
else: webhooks, the stream and the tables of docs/webhooks.md and docs/stream.md read them. A new kind is an entry here, and
a line where it is noticed (docs/changes.md).
"""

import msgspec

from parley.people.events.rules.events import RESERVED


class StreamType(msgspec.Struct, frozen=True):
    """What open pages and the stream of the API hear; `shows` is what the stream sends along."""

    name: str
    happens: str
    shows: str
    is_of_message: bool = False


class ChangeKind(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can happen to a ticket. What is None is not announced in that way.

    `event` is stored among the events of the project, and webhooks send it under the same name. `activity` is what the log
    calls it.
    """

    happens: str
    event: str | None = None
    stream: StreamType | None = None
    activity: str | None = None

    def __post_init__(self) -> None:
        if self.event is not None and not self.event.startswith(RESERVED):
            raise ValueError(
                f"The event {self.event!r} needs a name that begins with {RESERVED!r}: access levels find the events "
                "of tickets by it. Without it members would see events of tickets that are closed to them."
            )


TICKET_OPENED = StreamType("ticket.opened", "a ticket was opened", "`ticket`")
TICKET_CHANGED = StreamType(
    "ticket.changed",
    "a field, the status, tags or assignee of a ticket changed, it was read, marked as unread or restored, or its snooze "
    "ended",
    "`ticket`",
)
TICKET_DELETED = StreamType("ticket.deleted", "a ticket was deleted", "neither")
MESSAGE_ADDED = StreamType(
    "message.added", "somebody wrote, or left a private note", "`message`", is_of_message=True
)
MESSAGE_CHANGED = StreamType(
    "message.changed",
    "a message was edited, or removed (then without `message`)",
    "`message`",
    is_of_message=True,
)
STREAM_TYPES = (TICKET_OPENED, TICKET_CHANGED, TICKET_DELETED, MESSAGE_ADDED, MESSAGE_CHANGED)

CREATED = ChangeKind(
    happens="a ticket was opened",
    event="$conversation_ticket_created",
    stream=TICKET_OPENED,
    activity="created",
)
STATUS_CHANGED = ChangeKind(
    happens="its status changed",
    event="$conversation_ticket_status_changed",
    stream=TICKET_CHANGED,
    activity="updated",
)
PRIORITY_CHANGED = ChangeKind(
    happens="its priority changed",
    event="$conversation_ticket_priority_changed",
    stream=TICKET_CHANGED,
    activity="updated",
)
ASSIGNED = ChangeKind(
    happens="it was assigned to somebody, or to nobody",
    event="$conversation_ticket_assigned",
    stream=TICKET_CHANGED,
    activity="assigned",
)
PARTICIPANT_ADDED = ChangeKind(
    happens="somebody was made a [participant](tickets.md#participants)",
    event="$conversation_ticket_participant_added",
    stream=TICKET_CHANGED,
    activity="updated",
)
PARTICIPANT_REMOVED = ChangeKind(
    happens="a participant was removed",
    event="$conversation_ticket_participant_removed",
    stream=TICKET_CHANGED,
    activity="updated",
)
SENT = ChangeKind(happens="the team answered", event="$conversation_message_sent", stream=MESSAGE_ADDED)
RECEIVED = ChangeKind(
    happens="a customer wrote", event="$conversation_message_received", stream=MESSAGE_ADDED
)
NOTED = ChangeKind(
    happens="somebody of the team left a private note; its text is not in the message",
    event="$conversation_private_message_sent",
    stream=MESSAGE_ADDED,
)
MERGED = ChangeKind(
    happens="another ticket was [merged](merging.md) into it",
    event="$conversation_ticket_merged",
    stream=TICKET_CHANGED,
    activity="merged",
)
UNMERGED = ChangeKind(
    happens="a ticket that was merged into it is separate again",
    event="$conversation_ticket_unmerged",
    stream=TICKET_CHANGED,
    activity="unmerged",
)
SPLIT = ChangeKind(
    happens="messages of it were split off into another ticket",
    event="$conversation_ticket_split",
    stream=TICKET_CHANGED,
    activity="split",
)
MERGED_INTO = ChangeKind(
    happens="it was merged into another ticket", stream=TICKET_DELETED, activity="merged"
)
SEPARATED = ChangeKind(happens="it is separate again", stream=TICKET_CHANGED, activity="unmerged")
CHANGED = ChangeKind(happens="its tags, or other fields, changed", stream=TICKET_CHANGED, activity="updated")
READ = ChangeKind(happens="its messages were read", stream=TICKET_CHANGED)
UNREAD = ChangeKind(happens="it was marked as unread", stream=TICKET_CHANGED)
MESSAGE_EDITED = ChangeKind(happens="a message was edited or removed", stream=MESSAGE_CHANGED)
DELETED = ChangeKind(happens="it was deleted", stream=TICKET_DELETED, activity="deleted")
RESTORED = ChangeKind(happens="it was restored", stream=TICKET_CHANGED, activity="restored")
PURGED = ChangeKind(happens="it was removed for good, 14 days after it was deleted", activity="purged")
ERASED = ChangeKind(happens="its customer was forgotten, and it with them", stream=TICKET_DELETED)

KINDS = tuple(kind for kind in globals().values() if isinstance(kind, ChangeKind))
EVENTS = tuple(kind.event for kind in KINDS if kind.event is not None)
"""The names of stored events, which are the types of webhooks, too."""
