"""What programs may ask for: the scopes of API keys, but never everything at once."""

from collections.abc import Sequence

from parley.accounts.api_keys.rules import SCOPES

OFFERED = tuple(scope for scope in SCOPES if scope != "*")
ADMINISTRATION = frozenset(
    {
        "access_control",
        "activity_log",
        "integration",
        "organization",
        "organization_member",
        "project",
        "sharing_configuration",
        "webhook",
    }
)
"""Of things that decide who sees what, and what leaves the house."""
NAMES = ("project:read", "organization:read", "organization_member:read")
"""Without these a program can't say in which project it works, or to whom a conversation goes."""
USUAL = tuple(scope for scope in OFFERED if scope in NAMES or scope.partition(":")[0] not in ADMINISTRATION)
"""What a program gets asked for that names no scopes: what agents do, and not what admins do."""
SENSITIVE = frozenset(
    scope for scope in OFFERED if scope.partition(":")[0] in ADMINISTRATION and scope.endswith(":write")
)
"""Before these are granted, people prove once more who they are."""


def asked_scopes(text: str | None) -> list[str]:
    """Return the scopes that a request names, in our order; the usual ones where it names none.

    What isn't offered here is left out (RFC 6749, section 3.3): clients of PostHog ask for scopes of things that
    Parley doesn't have. So the list is empty for a request that names nothing else.
    """
    if not text or not text.strip():
        return list(USUAL)
    wanted = set(text.split())
    return [scope for scope in OFFERED if scope in wanted]


def covers(granted: Sequence[str], wanted: Sequence[str]) -> bool:
    """Say whether everything wanted is granted, name by name."""
    return set(granted).issuperset(wanted)
