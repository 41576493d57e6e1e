"""What a personal API key reaches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from parley.kernel.http.authorization import ADMIN, Principal


def organizations_closed_to(principal: Principal) -> frozenset[UUID]:
    """Return the organizations that forbid keys to their members, where the caller is a key of one of these."""
    if not principal.is_key:
        return frozenset()
    return frozenset(one for one in principal.keyless_organizations if principal.levels.get(one, 0) < ADMIN)


def covered_organizations(
    stored: Sequence[str] | None, made_at: datetime, joined: Mapping[UUID, datetime]
) -> frozenset[UUID]:
    """Return those of its owner's organizations (with the time of joining) that a key reaches.

    A key from before they were stored reaches those that its owner had joined when it was made.
    """
    if stored is None:
        return frozenset(one for one, joined_at in joined.items() if joined_at <= made_at)
    return frozenset(map(UUID, stored)) & joined.keys()
