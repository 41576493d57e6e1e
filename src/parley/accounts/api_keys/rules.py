"""What a personal API key may do, and where. Its scopes are `<object>:read`, `<object>:write`, or `*`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from parley.kernel.errors import Invalid, too_long

OBJECTS = (
    "access_control",
    "action",
    "activity_log",
    "annotation",
    "batch_export",
    "cohort",
    "comment",
    "conversation",
    "customer_journey",
    "dashboard",
    "early_access_feature",
    "event",
    "event_definition",
    "experiment",
    "export",
    "feature_flag",
    "group",
    "hog_function",
    "insight",
    "integration",
    "notebook",
    "organization",
    "organization_member",
    "person",
    "plugin",
    "project",
    "property_definition",
    "query",
    "session_recording",
    "session_recording_playlist",
    "sharing_configuration",
    "subscription",
    "survey",
    "ticket",
    "user",
    "warehouse_table",
    "warehouse_view",
    "webhook",
)
"""PostHog's names. Some are of things that Parley doesn't have: keys of PostHog's own tools ask for them."""

SCOPES = {
    "*": "Everything that you may do yourself",
    "ticket:read": "Read conversations and messages",
    "ticket:write": "Answer and change conversations",
    "person:read": "Read persons",
    "person:write": "Change persons",
    "event:read": "Read events",
    "session_recording:read": "Read session recordings",
    "session_recording:write": "Pin and delete session recordings",
    "insight:read": "Read insights and their results",
    "insight:write": "Change insights",
    "query:read": "Ask questions about events",
    "customer_journey:read": "Read customer journeys",
    "customer_journey:write": "Change customer journeys",
    "dashboard:read": "Read dashboards",
    "dashboard:write": "Change dashboards",
    "subscription:read": "Read subscriptions and their deliveries",
    "subscription:write": "Change subscriptions, and have them delivered",
    "sharing_configuration:read": "Read how recordings, insights and dashboards are shared",
    "sharing_configuration:write": "Share recordings, insights and dashboards by links",
    "activity_log:read": "Read the activity log",
    "webhook:read": "Read webhooks",
    "webhook:write": "Change webhooks",
    "integration:read": "Read connected accounts, and what their services say about them",
    "integration:write": "Connect and disconnect accounts at other services",
    "access_control:read": "Read who may see and change what",
    "access_control:write": "Change who may see and change what",
    "project:read": "Read projects and their settings",
    "project:write": "Change projects and their settings",
    "organization:read": "Read organizations",
    "organization:write": "Change organizations",
    "organization_member:read": "Read members",
    "organization_member:write": "Change members and invite people",
}
"""What routes ask for, with `*` and what it means; the API takes PostHog's other scopes, too, which open nothing."""
SCOPE_GROUPS = {
    "Everything": ("*",),
    "Conversations and customers": ("ticket", "person"),
    "What visitors do": ("event", "session_recording"),
    "Analytics": (
        "insight",
        "query",
        "customer_journey",
        "dashboard",
        "subscription",
        "sharing_configuration",
    ),
    "Other programs": ("webhook", "integration"),
    "Settings and team": (
        "project",
        "organization",
        "organization_member",
        "access_control",
        "activity_log",
    ),
}
"""The objects of the scopes, as the form of a new key has them together."""
EXAMPLES = {
    "*": "projects/@current/conversations/tickets/",
    "ticket:read": "projects/@current/conversations/tickets/",
    "person:read": "projects/@current/persons/",
    "event:read": "projects/@current/events/",
    "insight:read": "projects/@current/insights/",
    "dashboard:read": "projects/@current/dashboards/",
    "webhook:read": "projects/@current/webhooks/",
    "organization_member:read": "organizations/@current/members/",
}
"""What a key with a scope can be tried with, below `/api/`; the first that a key has."""
KNOWN = frozenset({"*", *(f"{thing}:{action}" for thing in OBJECTS for action in ("read", "write"))})
MAX_SCOPES = 200


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """Return the scopes in their order without repeats; raises Invalid for none and for an unknown one."""
    if not scopes:
        raise Invalid("This field may not be empty.", code="empty", attr="scopes")
    if len(scopes) > MAX_SCOPES:
        raise too_long(MAX_SCOPES, "scopes", "elements")
    for scope in scopes:
        if scope not in KNOWN:
            raise Invalid(f"Invalid scope: {scope[:100]}", attr="scopes")
    return list(dict.fromkeys(scopes))


def covered_organizations(
    stored: Sequence[str] | None, made_at: datetime, joined: Mapping[UUID, datetime]
) -> frozenset[UUID]:
    """Return the organizations that a key covers, of those that its owner is in; `joined` has the time of joining each.

    For a key that is older than this rule they are those that its owner had joined when it was made.
    """
    if stored is None:
        return frozenset(one for one, joined_at in joined.items() if joined_at <= made_at)
    return frozenset(map(UUID, stored)) & joined.keys()


def example_path(scopes: Sequence[str]) -> str:
    """Return a path below `/api/` that answers a key with these scopes: its owner's account, where nothing else would."""
    return next((path for scope, path in EXAMPLES.items() if scope in scopes), "users/@me/")
