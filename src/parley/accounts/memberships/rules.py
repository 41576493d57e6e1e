"""Levels of members in an organization: who may change whom."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.kernel.clock import is_ahead
from parley.kernel.errors import Invalid, PermissionDenied, not_a_choice
from parley.kernel.http.authorization import (
    ADMIN,
    INSUFFICIENT_LEVEL,
    MEMBER,
    OWNER,
    Actor,
    Principal,
)
from parley.kernel.text.time_zones import zone

MOST_AWAY = timedelta(days=366)
LEVELS = {"member": MEMBER, "admin": ADMIN, "owner": OWNER}


def is_there(*, is_available: bool, away_until: datetime | None, now: datetime) -> bool:
    """Say whether somebody is available: they are again once the time has come until which they were away.

    They are, too, where that is farther away than it may be: a clock that has been set back since was ahead then.
    """
    return is_available or (away_until is not None and not is_ahead(away_until, now, MOST_AWAY))


def away_words(until: datetime | None, now: datetime, timezone: str) -> str:
    """Say that somebody is away: `away`, or `away until 3 Dec`, the day on which they are there again."""
    return f"away until {day_of(until, now, timezone)}" if until else "away"


def day_of(at: datetime, now: datetime, timezone: str) -> str:
    """Return a day by the calendar of a time zone: `3 Dec`, with the year where it is another one than now."""
    here = at.astimezone(zone(timezone))
    year = "" if here.year == now.astimezone(zone(timezone)).year else f" {here.year}"
    return f"{here.day} {here:%b}{year}"


def label_of(name: str, away: str) -> str:
    """Return what lists to choose from call somebody: by their name, and whether they are away."""
    return f"{name} ({away})" if away else name


def checked_away_until(until: datetime | None, now: datetime, *, is_available: bool) -> datetime | None:
    """Return until when somebody is away; raises Invalid for a time that isn't within the next year."""
    if until is None:
        return None
    if is_available:
        raise Invalid("Only who is away can be so until a time.", attr="away_until")
    if not now < until <= now + MOST_AWAY:
        raise Invalid("Choose a day after today, within a year.", attr="away_until")
    return until


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
