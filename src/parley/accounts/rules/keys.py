"""What a personal API key is kept out of."""

from uuid import UUID

from parley.kernel.access import ADMIN, Principal


def organizations_closed_to(principal: Principal) -> frozenset[UUID]:
    """Return the organizations that forbid keys to their members, where the caller is a key of one of these."""
    if not principal.is_key:
        return frozenset()
    return frozenset(one for one in principal.keyless_organizations if principal.levels.get(one, 0) < ADMIN)
