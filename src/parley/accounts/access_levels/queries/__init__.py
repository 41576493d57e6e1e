"""Everything that reads levels."""

from parley.accounts.access_levels.queries.controls import (
    access_controls,
    has_controls,
    is_membership_of,
    is_role_of,
    same_control,
    stored_controls,
)
from parley.accounts.access_levels.queries.levels import (
    TICKET,
    Shape,
    caller,
    closed_tickets,
    is_seen,
    level_elsewhere,
    level_of,
    levels_of,
    seen,
    seen_level,
    seen_or_nothing,
    sees_any_ticket,
    shape_of,
)
from parley.accounts.access_levels.queries.rights import rights_of, seen_by_user

__all__ = [
    "TICKET",
    "Shape",
    "access_controls",
    "caller",
    "closed_tickets",
    "has_controls",
    "is_membership_of",
    "is_role_of",
    "is_seen",
    "level_elsewhere",
    "level_of",
    "levels_of",
    "rights_of",
    "same_control",
    "seen",
    "seen_by_user",
    "seen_level",
    "seen_or_nothing",
    "sees_any_ticket",
    "shape_of",
    "stored_controls",
]
