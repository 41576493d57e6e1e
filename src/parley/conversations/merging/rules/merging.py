"""What two tickets become when one is merged into the other, and what undoing it leaves of each.

A merge is undone by undoing everything that came after it, then itself, then doing the others again. So the outcome is
always that of never having merged, however many tickets are merged into each other and in whatever order they part.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from parley.conversations.participants.rules import Requester, Someone
from parley.conversations.tickets.rules.merged import MAX_MERGED
from parley.kernel.errors import Invalid

Who = tuple[str | None, str | None]
"""A participant as they are known: by an address, a distinct id, or both."""


class Merged(msgspec.Struct, frozen=True):
    """Whose participants and tags came by a merge, and when; None where somebody of the team added them."""

    merge_id: UUID | None
    at: datetime
    name: str | None = None


class Side(msgspec.Struct, frozen=True, kw_only=True):
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
    participants: Mapping[Who, Merged]


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing a merge must know: what the survivor was like before, and what the merged ticket brought."""

    status: str
    status_after: str
    updated_at: datetime
    unread_team_count: int
    unread_customer_count: int
    tags: tuple[str, ...]
    participants: tuple[Who, ...]


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge that holds: one ticket in the other."""

    id: UUID
    merged_id: UUID
    survivor_id: UUID
    at: datetime
    before: Before


class Refused(msgspec.Struct, frozen=True):
    """What of a merged ticket somebody has taken off the survivor since, so that it isn't brought again."""

    tags: frozenset[str] = frozenset()
    participants: frozenset[Who] = frozenset()


def unknown() -> Invalid:
    """Return the error for a ticket to merge into that isn't there."""
    return Invalid("There is no ticket with this id or number.", code="does_not_exist", attr="into")


def same_ticket() -> Invalid:
    """Return the error for a ticket that would be merged into itself."""
    return Invalid("A ticket cannot be merged into itself. Name another one.", attr="into")


def already_merged(number: int, survivor: int) -> Invalid:
    """Return the error for a ticket that is merged elsewhere."""
    detail = f"Ticket #{number} is merged into #{survivor} already. Un-merge it first, or merge #{survivor}."
    return Invalid(detail, code="already_merged")


def not_merged(number: int) -> Invalid:
    """Return the error for a ticket without anything to undo."""
    return Invalid(f"Nothing is merged with ticket #{number}, so nothing can be undone.", code="not_merged")


def check_not_too_many(survivor: Side, merged: Side) -> None:
    """Raise Invalid where the survivor would have too many tickets in it."""
    if len(survivor.merged_numbers) + len(merged.merged_numbers) + 1 > MAX_MERGED:
        raise Invalid(f"At most {MAX_MERGED} tickets can be merged into one.", code="max_length", attr="into")


def status_after_merge(survivor: str, merged: str) -> str:
    """Say which status the survivor has: its own, but a resolved one takes that of a ticket that still waits."""
    return merged if survivor == "resolved" else survivor


def is_same_person(one: Who, other: Who) -> bool:
    """Say whether two are known by the same address or the same distinct id."""
    return any(mine is not None and mine == theirs for mine, theirs in zip(one, other, strict=True))


def joined(
    survivor: Side, merged: Side, merge_id: UUID, at: datetime, refused: Refused | None = None
) -> tuple[Side, Before]:
    """Return the survivor with everything that the merged ticket brings, and what undoing must know."""
    refused = refused or Refused()
    tags = [name for name in merged.tags if name not in survivor.tags and name not in refused.tags]
    people = _newcomers(survivor, merged, refused, Merged(merge_id, at))
    status = status_after_merge(survivor.status, merged.status)
    before = Before(
        status=survivor.status,
        status_after=status,
        updated_at=survivor.updated_at,
        unread_team_count=merged.unread_team_count,
        unread_customer_count=merged.unread_customer_count,
        tags=tuple(sorted(tags)),
        participants=tuple(people),
    )
    after = replace(
        survivor,
        status=status,
        unread_team_count=survivor.unread_team_count + merged.unread_team_count,
        unread_customer_count=survivor.unread_customer_count + merged.unread_customer_count,
        merged_numbers=_sorted({*survivor.merged_numbers, merged.number, *merged.merged_numbers}),
        tags={**survivor.tags, **dict.fromkeys(tags, merge_id)},
        participants={**survivor.participants, **people},
    )
    return after, before


def _newcomers(survivor: Side, merged: Side, refused: Refused, brought: Merged) -> dict[Who, Merged]:
    """Return who comes with the merged ticket: its requester and its participants, unless they are there already."""
    present = list(survivor.participants)
    told = {who: one.name for who, one in merged.participants.items()}
    coming = {(merged.address, merged.distinct_id): merged.name, **told}
    found: dict[Who, Merged] = {}
    for who, name in coming.items():
        someone = Someone(email=who[0], distinct_id=who[1])
        is_known = survivor.requester.is_same(someone) or any(is_same_person(who, one) for one in present)
        if not is_known and who not in refused.participants:
            found[who] = replace(brought, name=name)
            present.append(who)
    return found


def parted(survivor: Side, merged: Side, merge_id: UUID, before: Before) -> tuple[Side, Refused]:
    """Return the survivor as it is without the merge, and what of it somebody has taken off the survivor since.

    What was put back by hand stays, and so does a status that somebody has set.
    """
    brought = {name for name, by in survivor.tags.items() if by == merge_id}
    people = {who for who, told in survivor.participants.items() if told.merge_id == merge_id}
    is_untouched = survivor.status == before.status_after
    gone = {merged.number, *merged.merged_numbers}
    left = replace(
        survivor,
        status=before.status if is_untouched else survivor.status,
        merged_numbers=_sorted(number for number in survivor.merged_numbers if number not in gone),
        tags={name: by for name, by in survivor.tags.items() if name not in brought},
        participants={who: told for who, told in survivor.participants.items() if who not in people},
    )
    refused = Refused(frozenset(before.tags) - brought, frozenset(before.participants) - people)
    return left, refused


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


def updated_after_parting(survivor: Side, edge: Edge, now: datetime) -> datetime:
    """Say when a survivor changed last, once a merge into it is undone: as before, if nothing happened to it since."""
    is_untouched = edge.survivor_id == survivor.id and edge.at == survivor.updated_at
    return edge.before.updated_at if is_untouched else now


def path_up(start: UUID, edges: Sequence[Edge]) -> list[UUID]:
    """Return a ticket and those that it is merged into, one after the other, the last survivor at the end."""
    up = {edge.merged_id: edge.survivor_id for edge in edges}
    path = [start]
    while path[-1] in up:
        path.append(up[path[-1]])
    return path


def subtree(root: UUID, edges: Sequence[Edge]) -> set[UUID]:
    """Return a ticket and all that are merged into it, directly or through others."""
    found, before = {root}, 0
    while len(found) > before:
        before = len(found)
        found |= {edge.merged_id for edge in edges if edge.survivor_id in found}
    return found


def to_replay(edge: Edge, edges: Sequence[Edge]) -> list[Edge]:
    """Return the merges that have to be undone to undo this one, the latest first and this one last."""
    above = set(path_up(edge.survivor_id, edges))
    later = [one for one in edges if one.at > edge.at and one.survivor_id in above]
    return [*sorted(later, key=lambda one: one.at, reverse=True), edge]


def without(
    edge: Edge, edges: Sequence[Edge], sides: Mapping[UUID, Side], since: tuple[int, int] = (0, 0)
) -> tuple[dict[UUID, Side], list[Edge]]:
    """Return the tickets as they are without one merge, and the merges after it as they are then.

    `since` is how many messages go back that were written since the merge: those of customers and those of the team.
    """
    now, undone = dict(sides), []
    for one in to_replay(edge, edges):
        left, refused = parted(now[one.survivor_id], now[one.merged_id], one.id, one.before)
        now[left.id] = left
        undone.append((one, refused))
    undone.pop()
    again = []
    for one, refused in reversed(undone):
        after, before = joined(now[one.survivor_id], now[one.merged_id], one.id, one.at, refused)
        now[after.id] = after
        again.append(replace(one, before=before))
    return _with_unread(edge, edges, sides, now, again, since)


def _with_unread(
    edge: Edge,
    edges: Sequence[Edge],
    sides: Mapping[UUID, Side],
    now: dict[UUID, Side],
    again: Sequence[Edge],
    since: tuple[int, int],
) -> tuple[dict[UUID, Side], list[Edge]]:
    """Give the ticket that parts the unread messages that it had or got, if there are so many, and those above it fewer."""
    path = path_up(edge.survivor_id, edges)
    root = sides[path[-1]]
    team = min(edge.before.unread_team_count + since[0], root.unread_team_count)
    customer = min(edge.before.unread_customer_count + since[1], root.unread_customer_count)
    now[edge.merged_id] = replace(now[edge.merged_id], unread_team_count=team, unread_customer_count=customer)
    now[root.id] = replace(
        now[root.id],
        unread_team_count=root.unread_team_count - team,
        unread_customer_count=root.unread_customer_count - customer,
    )
    was = {one.id: one.before for one in edges}
    return now, [
        _less(one, was[one.id], team, customer) if one.merged_id in path else _less(one, was[one.id], 0, 0)
        for one in again
    ]


def _less(edge: Edge, was: Before, team: int, customer: int) -> Edge:
    before = replace(
        edge.before,
        unread_team_count=max(was.unread_team_count - team, 0),
        unread_customer_count=max(was.unread_customer_count - customer, 0),
    )
    return replace(edge, before=before)
