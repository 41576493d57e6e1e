"""What has happened to a conversation besides messages, in sentences: entries of the activity log as agents read them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.activity_log.queries import TICKETS, latest_entries
from parley.accounts.activity_log.schemas import Change, EntryOut
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets.rules.ids import uuid_of
from parley.inbox.ticket_details.queries.people import assignables
from parley.inbox.ticket_rows.names import PRIORITY_NAMES, STATUS_NAMES, shortened
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.web.formats import local_time

MOST_ENTRIES = 300
"""How far back the changes of one ticket are shown."""
MAX_LENGTH = 80


class HistoryPiece(msgspec.Struct, frozen=True):
    """A part of a sentence: words of ours, text of somebody, or the number of a conversation, which is a link."""

    text: str
    kind: Literal["words", "text", "number"] = "words"


class HistoryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `who` is empty where a customer or Parley did it, or somebody whose account is gone."""

    id: str
    at: datetime
    who: str
    said: Sequence[HistoryPiece]
    is_beginning: bool = False  # it stands before the message that was written in the same moment


class HistoryContext(msgspec.Struct, frozen=True):
    """What a sentence needs: names of members and roles by `user:7`, the zone, and tickets that nobody may be told of."""

    names: Mapping[str, str]
    timezone: str
    hidden: frozenset[str] = frozenset()


class HistorySentence(NamedTuple):
    """What somebody did, what was done where nobody is named, and what `{}` stands for in both."""

    active: str
    passive: str
    about: HistoryPiece = HistoryPiece("")


async def history_of(
    services: Services, actor: Actor, ticket: TicketOut, since: datetime | None
) -> list[HistoryEvent]:
    """Return what happened to a ticket, which the caller sees, oldest first; all of it, or from a moment on."""
    entries = await latest_entries(
        services.database, actor.project_id, TICKETS, str(ticket.id), limit=MOST_ENTRIES
    )
    if since is not None:
        entries = [one for one in entries if one.created_at >= since and one.activity != "created"]
    fields = {change.field for one in entries for change in one.detail.changes}
    names: dict[str, str] = {}
    if "assignee" in fields:
        people = await assignables(services, actor.project)
        names = {one.key: one.name for one in people}
    hidden = await _hidden(services, actor, entries)
    return events_of(entries, HistoryContext(names, actor.project.timezone, hidden))


async def _hidden(services: Services, actor: Actor, entries: Sequence[EntryOut]) -> frozenset[str]:
    """Return which of the tickets that the entries name the caller may not see."""
    if actor.rights is None:
        return frozenset()
    changes = [change for one in entries for change in one.detail.changes]
    named = [value.get("id") for one in changes for value in (one.before, one.after) if _is_ticket(value)]
    ids = {found for found in map(uuid_of, named) if found is not None}
    levels = await levels_of(services.database, actor, sorted(ids))
    return frozenset(str(id) for id, level in levels.items() if level == "none")


def events_of(entries: Sequence[EntryOut], known: HistoryContext) -> list[HistoryEvent]:
    """Return what the entries say, in their order."""
    split = {
        one.created_at
        for one in entries
        if any(change.field == "split_from" for change in one.detail.changes)
    }
    events = []
    for entry in entries:
        who = name_of_user(entry)
        # That a customer began the conversation is what its first message says; a split says where its own came from.
        if entry.activity == "created" and (not who or entry.created_at in split):
            continue
        is_beginning = entry.activity == "created"
        for place, sentence in enumerate(_sentences(entry, known)):
            said = _pieces(sentence, who)
            events.append(
                HistoryEvent(
                    id=f"{entry.id}-{place}",
                    at=entry.created_at,
                    who=who,
                    said=said,
                    is_beginning=is_beginning,
                )
            )
    return events


def name_of_user(entry: EntryOut) -> str:
    """Return who did it; empty where that is nobody, or nobody any more."""
    if entry.user is None:
        return "A workflow" if entry.detail.trigger else ""
    return shortened(entry.user.name, MAX_LENGTH)


def _pieces(sentence: HistorySentence, who: str) -> list[HistoryPiece]:
    before, has_about, behind = (sentence.active if who else sentence.passive).partition("{}")
    pieces = [HistoryPiece(before), *([sentence.about] if has_about else ()), HistoryPiece(behind)]
    return [piece for piece in pieces if piece.text]


def _sentences(entry: EntryOut, known: HistoryContext) -> list[HistorySentence]:
    changes = entry.detail.changes
    if changes:
        # An un-merge says of several things what they are again; the numbers say enough.
        return [_SAID[one.field](one, entry, known) if one.field in _SAID else _other(one) for one in changes]
    found = _WITHOUT_CHANGES.get(entry.activity)
    return (
        [found]
        if found
        else [HistorySentence("made a change that was erased", "A change was made that was erased")]
    )


_WITHOUT_CHANGES = {
    "created": HistorySentence("opened this conversation", "This conversation was opened"),
    "deleted": HistorySentence("deleted this conversation", "This conversation was deleted"),
    "restored": HistorySentence("restored this conversation", "This conversation was restored"),
}


def _other(change: Change) -> HistorySentence:
    field = HistoryPiece(shortened(change.field.replace("_", " "), MAX_LENGTH), "text")
    return HistorySentence("changed {}", "Changed: {}", field)


def _status(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.after == "resolved":
        return HistorySentence("resolved this conversation", "This conversation was resolved")
    if change.before == "resolved" and change.after == "open":
        return HistorySentence("reopened this conversation", "This conversation was reopened")
    name = HistoryPiece(STATUS_NAMES.get(change.after, str(change.after)))
    return HistorySentence("set the status to {}", "The status was set to {}", name)


def _priority(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.after is None:
        return HistorySentence("took off the priority", "The priority was taken off")
    name = HistoryPiece(PRIORITY_NAMES.get(change.after, str(change.after)))
    return HistorySentence("set the priority to {}", "The priority was set to {}", name)


def _due(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.after is None:
        return HistorySentence("took off the due time", "The due time was taken off")
    return HistorySentence(
        "set the due time to {}", "The due time was set to {}", _moment(change.after, known)
    )


def _snooze(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.after is None:
        return HistorySentence("ended the snooze", "The snooze ended")
    return HistorySentence("snoozed it until {}", "Snoozed until {}", _moment(change.after, known))


def _moment(text: Any, known: HistoryContext) -> HistoryPiece:
    try:
        return HistoryPiece(local_time(datetime.fromisoformat(text), known.timezone))
    except (TypeError, ValueError):
        return HistoryPiece(str(text), "text")


def _assignee(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    to = change.after
    if not isinstance(to, dict):
        return HistorySentence("unassigned it", "It was unassigned")
    if to.get("type") == "user" and entry.user is not None and to.get("id") == entry.user.id:
        return HistorySentence("took this conversation", "")
    gone = "somebody who left" if to.get("type") == "user" else "a role that is gone"
    name = known.names.get(f"{to.get('type')}:{to.get('id')}", "")
    piece = HistoryPiece(shortened(name, MAX_LENGTH), "text") if name else HistoryPiece(gone)
    return HistorySentence("assigned it to {}", "It was assigned to {}", piece)


def _tag(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    tag = _text(change.after if change.action == "created" else change.before)
    if change.action == "created":
        return HistorySentence("added the tag {}", "The tag {} was added", tag)
    return HistorySentence("took off the tag {}", "The tag {} was taken off", tag)


def _participant(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.action == "created":
        return HistorySentence("added {} as a participant", "{} became a participant", _text(change.after))
    return HistorySentence(
        "removed the participant {}", "The participant {} was removed", _text(change.before)
    )


def _merged(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.action == "created":
        return HistorySentence(
            "merged {} into this one", "{} was merged into this one", _ticket(change.after, known)
        )
    return HistorySentence("un-merged {}", "{} was un-merged", _ticket(change.before, known))


def _merged_into(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    if change.after is not None:
        return HistorySentence("merged this into {}", "This was merged into {}", _ticket(change.after, known))
    return HistorySentence(
        "un-merged this from {}", "This was un-merged from {}", _ticket(change.before, known)
    )


def _split_from(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    return HistorySentence(
        "split this off from {}", "This was split off from {}", _ticket(change.after, known)
    )


def _split_into(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    off = _ticket(change.after, known)
    return HistorySentence("split messages off into {}", "Messages were split off into {}", off)


def _verified(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    return HistorySentence("verified who the customer is", "Who the customer is was verified by a signature")


def _by_link(change: Change, entry: EntryOut, known: HistoryContext) -> HistorySentence:
    return HistorySentence(
        "gave it to another browser by a link to {}",
        "A link that was mailed to {} brought it into another browser",
        _text(change.after),
    )


def _text(value: Any) -> HistoryPiece:
    return HistoryPiece(shortened(str(value), MAX_LENGTH), "text")


def _is_ticket(value: Any) -> bool:
    return isinstance(value, dict) and "ticket_number" in value


def _ticket(value: Any, known: HistoryContext) -> HistoryPiece:
    if (
        not _is_ticket(value)
        or value.get("id") in known.hidden
        or not isinstance(value["ticket_number"], int)
    ):
        return HistoryPiece("another conversation")
    return HistoryPiece(str(value["ticket_number"]), "number")


_SAID: Mapping[str, Callable[[Change, EntryOut, HistoryContext], HistorySentence]] = {
    "status": _status,
    "priority": _priority,
    "sla_due_at": _due,
    "snoozed_until": _snooze,
    "assignee": _assignee,
    "tag": _tag,
    "participant": _participant,
    "merged_ticket": _merged,
    "merged_into": _merged_into,
    "split_from": _split_from,
    "split_into": _split_into,
    "identity_verified": _verified,
    "restored_by_link": _by_link,
}
