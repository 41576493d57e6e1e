"""Levels of members in an organization: who may change whom."""

from uuid import UUID

from parley.kernel.errors import PermissionDenied, not_a_choice
from parley.kernel.http.authorization import (
    ADMIN,
    INSUFFICIENT_LEVEL,
    MEMBER,
    OWNER,
    Actor,
    Principal,
)

LEVELS = {"member": MEMBER, "admin": ADMIN, "owner": OWNER}


def label_of(name: str, *, is_away: bool) -> str:
    """Return what lists to choose from call somebody: by their name, and whether they are away."""
    return f"{name} (away)" if is_away else name


def level_name(level: int) -> str:
    """Return what a level is called."""
    return next((name for name, number in LEVELS.items() if number == level), str(level))


def check_level(level: int, *, attr: str = "level") -> int:
    """Return the level; raises Invalid unless it is one of the three."""
    if level not in LEVELS.values():
        raise not_a_choice(level, attr)
    return level


def check_may_grant(principal: Principal, organization_id: UUID, level: int) -> None:
    """Raise PermissionDenied when somebody would give a level above their own, or is no admin.

    A key without the scope `*` makes nobody more than a member: admins may do what such a key may not.
    """
    actor_level = principal.levels.get(organization_id, 0)
    if actor_level < ADMIN:
        raise PermissionDenied(INSUFFICIENT_LEVEL)
    if level > actor_level:
        raise PermissionDenied("You can only give levels up to your own.")
    if level > MEMBER and not principal.is_unlimited:
        raise PermissionDenied("Only a session or an API key with the scope '*' can give this level.")


def check_may_change(actor_level: int, current_level: int) -> None:
    """Raise PermissionDenied when the other person stands above the actor, or the actor is no admin."""
    if actor_level < ADMIN:
        raise PermissionDenied(INSUFFICIENT_LEVEL)
    if current_level > actor_level:
        raise PermissionDenied("You can only change members whose level is not above your own.")


def check_admin(actor: Actor) -> None:
    """Raise PermissionDenied for a member who is no admin."""
    if not actor.is_admin:
        raise PermissionDenied("This is for admins and owners of the organization.")
