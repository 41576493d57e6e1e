"""Which level somebody has: a row of their own beats those of their roles, the highest of these beats everybody's row."""

from collections.abc import Iterable
from typing import get_args
from uuid import UUID

import msgspec

from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import AccessLevel

LEVELS: tuple[AccessLevel, ...] = get_args(AccessLevel)  # each holds what those before it do
BUILT_IN: AccessLevel = "editor"
MEMBER_WEIGHT, ROLE_WEIGHT, EVERYBODY_WEIGHT = 12, 8, 4
"""What the kinds of rows weigh: more than any level, so that the heaviest row decides."""
NO_ACCESS = "You do not have viewer access to this resource."


class StoredLevel(msgspec.Struct, frozen=True):
    """A level that was set, for one member, for a role or, where both are None, for everybody."""

    level: AccessLevel
    membership_id: UUID | None = None
    role_id: UUID | None = None


def rank(level: AccessLevel) -> int:
    """Return the place of a level among all, from 0."""
    return LEVELS.index(level)


def is_at_least(level: AccessLevel, wanted: AccessLevel) -> bool:
    """Say whether a level holds what another one does."""
    return rank(level) >= rank(wanted)


def deciding_level(
    rows: Iterable[StoredLevel], membership_id: UUID | None = None, role_ids: Iterable[UUID] = ()
) -> AccessLevel | None:
    """Return the level that the rows of one thing give a member, or None where no row applies to them.

    Without a member it is what everybody gets who has no row of their own.
    """
    mine, role_ids = [], frozenset(role_ids)
    for row in rows:
        if row.membership_id is not None:
            if row.membership_id == membership_id:
                mine.append(MEMBER_WEIGHT + rank(row.level))
        elif row.role_id is not None:
            if row.role_id in role_ids:
                mine.append(ROLE_WEIGHT + rank(row.level))
        else:
            mine.append(EVERYBODY_WEIGHT + rank(row.level))
    return LEVELS[max(mine) % len(LEVELS)] if mine else None


def check_may_share(level: AccessLevel, to: str) -> None:
    """Raise PermissionDenied unless the level is enough to change what everybody in the project works with."""
    if not is_at_least(level, "editor"):
        raise PermissionDenied(f"You need editor access to {to}.")


def check_authorized(level: AccessLevel, wanted: AccessLevel) -> None:
    """Raise NotFound for what somebody may not see, and PermissionDenied unless the level is enough."""
    if level == "none":
        raise NotFound
    check_at_least(level, wanted)


def check_at_least(level: AccessLevel, wanted: AccessLevel) -> None:
    """Raise PermissionDenied, in the words of the wire format, unless the level is enough."""
    if not is_at_least(level, wanted):
        raise PermissionDenied(f"You do not have {wanted} access to this resource.")
