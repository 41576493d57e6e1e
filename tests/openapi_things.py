"""What the paths of the OpenAPI document name, and what requests need, for tests of every route.

A new feature adds a row to `THINGS` for what its paths name, and to `GOOD` where a request needs more than
the required fields with any text, the first choice of an enumeration, yes, 1, and ids of things that are there.
"""

from dataclasses import dataclass
from typing import Any

from parley.integrations.connections.tests.kinds import NAME as LETTERBOX
from tests.cast import PASSWORD

ORGANIZATION, PROJECT = "/api/organizations/{organization_id}", "/api/projects/{project_id}"
SHARED = ("session_recordings/{recording_id}", "insights/{insight_id}", "dashboards/{dashboard_id}")
SHARING = [f"{PROJECT}/{thing}/sharing" for thing in SHARED]
REPLY = {"scope": "conversations_ticket", "item_id": "{ticket_id}", "content": "Yes, here."}
UPLOAD = {"name": "a.txt", "size": 1, "sha256": "0" * 64}
KEY = {"label": "one", "scopes": ["ticket:read"]}


@dataclass(frozen=True)
class Thing:
    """Something made by a POST to `collection`; paths below it name it by `name`, with what `field` of the answer says.

    Texts of `body` may hold `{unique}` and the names of things above. `opens` are paths that a link to it leads to, and
    `used_by` paths whose requests name it in their bodies.
    """

    name: str
    collection: str
    body: dict[str, Any]
    field: str = "id"
    opens: str = ""
    used_by: tuple[str, ...] = ()

    def is_named_by(self, path: str) -> bool:
        """Say whether the path can't be filled without this, or is used by requests to it."""
        is_opened = any(start and path.startswith(start) for start in (self.opens, *self.used_by))
        return is_opened or path.startswith(self.collection + "/") or f"{{{self.name}}}" in path


DELIVERIES = PROJECT + "/subscriptions/{subscription_id}/deliveries"
VISIT = {"kind": "EventsNode", "event": "$pageview"}
TRENDS = {"kind": "TrendsQuery", "series": [VISIT]}
FUNNEL = {"kind": "FunnelsQuery", "series": [{"kind": "EventsNode", "event": "seen"}, VISIT]}
SUBSCRIPTION = {
    "insight": "{insight_id}",
    "target_type": "email",
    "target_value": "{unique}@example.com",
    "frequency": "daily",
    "start_date": "2026-01-01T09:00:00Z",
}


THINGS = (
    Thing("article_id", f"{PROJECT}/conversations/articles", {"title": "One {unique}"}),
    Thing("other_ticket_id", f"{PROJECT}/conversations/tickets", {"email": "{unique}@example.com"}),
    Thing("comment_id", f"{PROJECT}/comments", REPLY),
    Thing("file_id", f"{PROJECT}/conversations/files/uploads", UPLOAD),
    Thing("message_id", PROJECT + "/conversations/tickets/{key}/notes", {"message": "A note"}),
    Thing(
        "participant_id",
        PROJECT + "/conversations/tickets/{key}/participants",
        {"email": "{unique}@example.com"},
    ),
    Thing("role_id", f"{ORGANIZATION}/roles", {"name": "Support {unique}"}),
    Thing(
        "role_membership_id",
        ORGANIZATION + "/roles/{role_id}/role_memberships",
        {"user_uuid": "{user_uuid}"},
    ),
    Thing(
        "invite_id",
        f"{ORGANIZATION}/invites",
        {"target_email": "{unique}@example.com"},
        opens="/api/signup",
    ),
    Thing("domain_id", f"{ORGANIZATION}/domains", {"domain": "{unique}.example.com"}),
    Thing("key_id", "/api/personal_api_keys", KEY),
    Thing(
        "short_id",
        f"{PROJECT}/conversations/quick_actions",
        {"name": "One {unique}", "content": "Hello"},
        "short_id",
    ),
    Thing("short_id", f"{PROJECT}/conversations/views", {"name": "One {unique}"}, "short_id"),
    Thing(
        "channel_id",
        f"{PROJECT}/conversations/email_channels",
        {"from_email": "{unique}@example.com", "from_name": "Support"},
        used_by=("/api/conversations/v1/email/",),
    ),
    Thing(
        "insight_id",
        f"{PROJECT}/insights",
        {"name": "One {unique}", "query": FUNNEL},
        used_by=(f"{PROJECT}/customer_journeys", f"{PROJECT}/subscriptions"),
    ),
    Thing("dashboard_id", f"{PROJECT}/dashboards", {"name": "One {unique}"}),
    Thing("journey_id", f"{PROJECT}/customer_journeys", {"name": "One {unique}", "insight": "{insight_id}"}),
    Thing("subscription_id", f"{PROJECT}/subscriptions", SUBSCRIPTION),
    Thing("webhook_id", f"{PROJECT}/webhooks", {"url": "https://hooks.invalid/{unique}"}),
    Thing("delivery_id", PROJECT + "/webhooks/{webhook_id}/test", {}),
    Thing(
        "integration_id",
        f"{PROJECT}/integrations",
        {"kind": LETTERBOX, "config": {"number": "{unique}", "key": "a key"}},
    ),
)
EVENT = {"api_key": "{token}", "event": "seen", "distinct_id": "{distinct_id}"}
SNAPSHOT = {
    "event": "$snapshot",
    "properties": {
        "token": "{token}",
        "distinct_id": "{distinct_id}",
        "$session_id": "0198c0de-0000-7000-8000-000000000001",
        "$window_id": "0198c0de-0000-7000-8000-000000000002",
        "$snapshot_data": [{"type": 4, "timestamp": 1780000000000, "data": {"href": "http://shop.test/"}}],
    },
}
SESSION = {"widget_session_id": "{widget_session_id}"}
GOOD: dict[str, dict[str, Any]] = {
    "linkedin_conversions_create_conversion_rule": {
        "integration_id": "{linkedin_account}",
        "ad_account_id": "1",
        "conversion_rule_id": "2",
        "trigger": "ticket_opened",
    },
    "linkedin_conversions_change_conversion_rule": {"enabled": False},
    "journeys_replace_journey": {"insight": "{insight_id}", "name": "Another"},
    "subscriptions_make_subscription": SUBSCRIPTION,
    "subscriptions_replace_subscription": SUBSCRIPTION,
    "insights_answer_query": {"query": TRENDS, "refresh": "force_cache"},
    "accounts_login": {"email": "{email}", "password": PASSWORD},
    "replay_capture_capture_snapshots_s": SNAPSHOT,
    "replay_capture_capture_snapshots_ses": SNAPSHOT,
    "accounts_reauthenticate": {"password": PASSWORD},
    "accounts_update_passkey": {"label": "Phone"},
    "accounts_precheck_login": {"email": "{email}"},
    "accounts_ask_for_password_reset": {"email": "{email}"},
    "accounts_sign_up": {"password": "a new and lovely passphrase", "first_name": "Carol"},
    "accounts_create_role_membership": {"user_uuid": "{colleague}"},
    "saved_views_create_view": {"name": "Open", "filters": {"status": ["open"], "own": 1}},
    "quick_actions_create_quick_action": {"name": "Close", "actions": {"status": "resolved"}},
    "external_change_external_ticket": {"status": "open", "sla_amount": 4, "tags": ["one"]},
    "persons_update_property": {"key": "plan", "value": "free"},
    "persons_delete_property": {"$unset": "plan"},
    "events_show_flags": {"token": "{token}"},
    "channels_connect_email": {"from_email": "help@example.com", "from_name": "Help"},
    "channels_disconnect_email": {"config_id": "{channel_id}"},
    "channels_verify_email_domain": {"config_id": "{channel_id}"},
    "channels_send_test_email": {"config_id": "{channel_id}"},
    "channels_set_default_email": {"config_id": "{channel_id}"},
    "events_decide": {"token": "{token}"},
    "tags_rename_tag": {"name": "one tag", "to": "its new name"},
    "tags_delete_tag": {"name": "another tag"},
    "tickets_open_ticket": {"email": "carol@example.com", "message": "Hello", "tags": ["one"]},
    "tickets_edit_comment": {"content": "No"},
    "tickets_bulk_update_tags": {"ids": ["{ticket_id}"], "action": "add", "tags": ["one"]},
    "tickets_bulk_update_status": {"ids": ["{ticket_id}"], "status": "pending"},
    "tickets_bulk_update_priority": {"ids": ["{ticket_id}"], "priority": "high"},
    "tickets_bulk_update_assignee": {"ids": ["{ticket_id}"], "assignee": None},
    "tickets_bulk_update_snooze": {"ids": ["{ticket_id}"], "snoozed_until": "2099-01-31T09:00:00Z"},
    "tickets_merge_ticket": {"into": "{other_ticket_id}"},
    "tickets_split_ticket": {"message_ids": ["{first_message_id}"]},
    "tickets_post_reply": {"message": "Hello back"},
    "tickets_set_access_control": {"access_level": "editor", "organization_member": "{organization_member}"},
    "access_levels_set_resource_access_control": {
        "resource": "ticket",
        "access_level": "viewer",
        "organization_member": "{organization_member}",
    },
    "widget_send_message": {**SESSION, "distinct_id": "{distinct_id}", "message": "Hello"},
    "widget_read_thread": SESSION,
    "reply_routes_reopen_closed_address": {"address": "ada@example.com"},
    "restore_links_redeem_restore_link": {**SESSION, "restore_token": "x" * 43},
}
"""Bodies of requests that are sure to be taken; a POST to the collection of a thing has the thing's own."""


ENDLESS = {"stream_stream_changes"}
"""Answers that go on for ever unless the request says otherwise."""
