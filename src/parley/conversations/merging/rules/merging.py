"""What the target of a merge becomes, and what must be kept so that the merge can be undone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from parley.conversations.participants.rules import (
    ParticipantEntry,
    ParticipantKey,
    Requester,
    WantedParticipant,
)
from parley.conversations.tickets.rules.merges import MAX_MERGED
from parley.kernel.errors import Invalid


class MergeableTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as far as merging changes it. `tags` and `participants` say which merge brought each, if one did."""

    id: UUID
    number: int
    status: str
    requester: Requester
    distinct_id: str
    address: str | None
    name: str | None
    unread_team_count: int
    unread_customer_count: int
    updated_at: datetime
    merged_numbers: tuple[int, ...]
    tags: Mapping[str, UUID | None]
    participants: Mapping[ParticipantKey, ParticipantEntry]


class UndoData(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing a merge must know: how the target was before, and what the source brought. Stored in `before`."""

    status: str
    status_after: str
    updated_at: datetime
    unread_team_count: int
    unread_customer_count: int
    tags: tuple[str, ...]
    participants: tuple[ParticipantKey, ...]


class RemovedSince(msgspec.Struct, frozen=True):
    """What of a source somebody has removed from the target since the merge, so that it isn't brought again."""

    tags: frozenset[str] = frozenset()
    participants: frozenset[ParticipantKey] = frozenset()


def no_such_target() -> Invalid:
    """Return the error for a ticket to merge into that isn't there."""
    return Invalid("There is no ticket with this id or number.", code="does_not_exist", attr="into")


def same_ticket() -> Invalid:
    """Return the error for a ticket that would be merged into itself."""
    return Invalid("A ticket cannot be merged into itself. Name another one.", attr="into")


def already_merged(number: int, target: int) -> Invalid:
    """Return the error for a ticket that is merged elsewhere."""
    detail = f"Ticket #{number} is merged into #{target} already. Un-merge it first, or merge #{target}."
    return Invalid(detail, code="already_merged")


def check_not_too_many(target: MergeableTicket, source: MergeableTicket) -> None:
    """Raise Invalid where the target would have too many tickets in it."""
    if len(target.merged_numbers) + len(source.merged_numbers) + 1 > MAX_MERGED:
        raise Invalid(f"At most {MAX_MERGED} tickets can be merged into one.", code="max_length", attr="into")


def status_after_merge(target: str, source: str) -> str:
    """Say which status the target has: its own, but a resolved one takes that of a source that still waits."""
    return source if target == "resolved" else target


def merged(
    target: MergeableTicket,
    source: MergeableTicket,
    merge_id: UUID,
    at: datetime,
    removed: RemovedSince | None = None,
) -> tuple[MergeableTicket, UndoData]:
    """Return the target with everything that the source brings, and what undoing must know."""
    removed = removed or RemovedSince()
    tags = [name for name in source.tags if name not in target.tags and name not in removed.tags]
    participants = _brought_participants(target, source, removed, ParticipantEntry(merge_id, at))
    status = status_after_merge(target.status, source.status)
    undo = UndoData(
        status=target.status,
        status_after=status,
        updated_at=target.updated_at,
        unread_team_count=source.unread_team_count,
        unread_customer_count=source.unread_customer_count,
        tags=tuple(sorted(tags)),
        participants=tuple(participants),
    )
    after = replace(
        target,
        status=status,
        unread_team_count=target.unread_team_count + source.unread_team_count,
        unread_customer_count=target.unread_customer_count + source.unread_customer_count,
        merged_numbers=_sorted({*target.merged_numbers, source.number, *source.merged_numbers}),
        tags={**target.tags, **dict.fromkeys(tags, merge_id)},
        participants={**target.participants, **participants},
    )
    return after, undo


def unmerged(
    target: MergeableTicket, source: MergeableTicket, merge_id: UUID, undo: UndoData
) -> tuple[MergeableTicket, RemovedSince]:
    """Return the target as it is without the merge, and what of it somebody has removed from the target since.

    What was put back by hand stays, and so does a status that somebody has set.
    """
    tags = {name for name, by in target.tags.items() if by == merge_id}
    participants = {key for key, entry in target.participants.items() if entry.merge_id == merge_id}
    is_untouched = target.status == undo.status_after
    gone = {source.number, *source.merged_numbers}
    after = replace(
        target,
        status=undo.status if is_untouched else target.status,
        merged_numbers=_sorted(number for number in target.merged_numbers if number not in gone),
        tags={name: by for name, by in target.tags.items() if name not in tags},
        participants={key: entry for key, entry in target.participants.items() if key not in participants},
    )
    removed = RemovedSince(frozenset(undo.tags) - tags, frozenset(undo.participants) - participants)
    return after, removed


def _brought_participants(
    target: MergeableTicket, source: MergeableTicket, removed: RemovedSince, entry: ParticipantEntry
) -> dict[ParticipantKey, ParticipantEntry]:
    """Return who comes with the source: its requester and its participants, unless they are there already."""
    present = list(target.participants)
    names: dict[ParticipantKey, str | None] = {(source.address, source.distinct_id): source.name}
    names |= {key: one.name for key, one in source.participants.items()}
    brought: dict[ParticipantKey, ParticipantEntry] = {}
    for key, name in names.items():
        someone = WantedParticipant(email=key[0], distinct_id=key[1])
        is_there = target.requester.is_same(someone) or any(is_same_person(key, one) for one in present)
        if not is_there and key not in removed.participants:
            brought[key] = replace(entry, name=name)
            present.append(key)
    return brought


def is_same_person(one: ParticipantKey, other: ParticipantKey) -> bool:
    """Say whether two are known by the same address or the same distinct id."""
    return any(mine is not None and mine == theirs for mine, theirs in zip(one, other, strict=True))


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))
