"""Every route that changes something leaves an entry in the audit log, or says here why not: a new one cannot skip this."""

import re

from sqlalchemy import func, select

from parley.accounts.audit_log.tables import audit_entry
from parley.email.channels.actions import disconnect_channel, set_default
from parley.email.channels.tests.channels import make_channel
from parley.email.imap.actions import delete_mailbox, set_mailbox
from parley.email.imap.schemas import NewMailbox
from tests.openapi_things import SHARING
from tests.openapi_world import DOCUMENT, build, filled, good_request, resolved

PROJECT = "/api/projects/{project_id}/"
WORK = (
    "Work with customers and their data: tickets, articles, insights. The activity log of the project has it."
)
EXEMPT = [
    (
        rf"{PROJECT}(comments|query|persons|customer_journeys|subscriptions|session_recordings(/{{recording_id}})? )",
        WORK,
    ),
    (rf"{PROJECT}session_recordings/{{recording_id}}/(pin|unpin|viewed)", WORK),
    (rf"{PROJECT}(insights|dashboards)(/starter|/{{\w+}})? ", WORK),
    (
        rf"{PROJECT}conversations/(articles|bulk_changes|files|quick_actions|views|inbound_messages|outbound_|availability|sms_messages)",
        WORK,
    ),
    (rf"{PROJECT}conversations/tickets(?!.*/access_controls )", WORK),
    ("/api/conversations/external/", WORK),
    (r"/(batch|capture|decide|e|engage|flags|i/v0/e|s|ses|track) ", "SDKs send what visitors do."),
    ("/api/conversations/v1/widget/", "Visitors write; they are nobody of the organization."),
    ("/api/conversations/v1/email/inbound", "A mail comes in; the ledger of inbound mail has it."),
    (
        rf"{PROJECT}conversations/email_channels/{{channel_id}}/write_as_customer",
        "A mail comes in, though nobody outside wrote it; the ledger has it.",
    ),
    ("/api/conversations/v1/slack/events", "Customers write in Slack."),
    ("/api/conversations/v1/sms/", "Customers write from their phones, and Twilio reports."),
    (
        r"(?!.*/webhooks/).*/(send[-_]test|verify|verify-domain|test|retry|replay) ",
        "It tries or sends something again, and changes no setting.",
    ),
    ("/api/organizations ", "The new organization has the entry, not the one looked at here."),
    ("/api/organizations/{organization_id} DELETE$", "Its log goes with it."),
    ("/api/login/precheck", "It changes nothing."),
    ("/api/reset ", "It says nothing about whether there is an account."),
    ("/api/users/{user} ", "One's own name and the like."),
    ("/api/webauthn/(login|register)/begin", "It changes nothing; what completes it has the entry."),
    ("/api/webauthn/credentials/{passkey_id} PATCH", "Its name is for its owner alone."),
    ("/api/users/@me/reauthenticate", "It changes nothing that stays."),
]
"""Beginnings of `PATH METHOD`, and why they have no entry."""
ACCOUNTS = "accounts/audit_log/tests/test_account_entries.py"
ELSEWHERE = {
    "/api/login": ACCOUNTS,
    "/api/login/recovery": "accounts/sign_in/tests/test_recovery.py",
    "/api/webauthn/credentials/{passkey_id}": "accounts/two_factor/tests",
    "/api/webauthn/login/complete": "accounts/two_factor/tests",
    "/api/webauthn/register/complete": "accounts/two_factor/tests",
    "/api/login/token": "accounts/two_factor/tests",
    "/api/logout": ACCOUNTS,
    "/api/reset/{user_uuid}": ACCOUNTS,
    "/api/signup/{token}": ACCOUNTS,
    "/api/signup/{token}/accept": ACCOUNTS,  # by the same action
    "/api/organizations/{organization_id}/domains/{domain_id}/scim/token": "accounts/domains/tests",
    "/api/users/@me/sessions/end_others": "accounts/profile/tests",
    "/api/users/@me/two_factor_backup_codes": "accounts/two_factor/tests",
    "/api/users/@me/two_factor_disable": "accounts/two_factor/tests",
    "/api/users/@me/two_factor_validate": "accounts/two_factor/tests",
    "/api/users/{user}/sessions/{session_id}": "accounts/profile/tests",
    f"{PROJECT}webhooks/{{webhook_id}}/test": "integrations/webhooks/tests/test_retry.py",
    f"{PROJECT}webhooks/{{webhook_id}}/retry": "integrations/webhooks/tests/test_retry.py",
    f"{PROJECT}webhooks/{{webhook_id}}/deliveries/{{delivery_id}}/replay": "integrations/webhooks/tests/test_retry.py",
    f"{PROJECT}conversations/sms_channels": "integrations/sms/tests/test_channels.py",
    f"{PROJECT}conversations/sms_channels/{{channel_id}}": "integrations/sms/tests/test_channels.py",
    f"{PROJECT}conversations/email_channels/{{channel_id}}/imap": "below",
    "/api/conversations/v1/email/disconnect": "below",
    "/api/conversations/v1/email/set-default": "below",
}
"""What needs more than one good request, and the tests that make it."""


CHANGED = {
    "/api/organizations/{organization_id}": {"name": "Badgers"},
    "/api/organizations/{organization_id}/domains/{domain_id}": {
        "saml_entity_id": "https://id.example/{unique}"
    },
    "/api/organizations/{organization_id}/members/{user_uuid}": {"level": 8},
    "/api/organizations/{organization_id}/roles/{role_id}": {"name": "Badgers"},
    "/api/personal_api_keys/{key_id}": {"label": "two"},
    "/api/projects/{project_id}": {"name": "Badgers"},
    f"{PROJECT}conversations/email_channels/{{channel_id}}": {"from_name": "Badgers"},
    f"{PROJECT}webhooks/{{webhook_id}}": {"enabled": False},
    f"{PROJECT}linkedin_conversions/{{conversion_rule}}": {"enabled": False},
    **{one: {"enabled": True} for one in SHARING},
}
"""Bodies that change something; an empty one has no effect, and no entry."""


def changes():
    """Return path, method and operation of each route that changes something; what ends things comes last."""
    found = [
        (path, method, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if method in ("post", "put", "patch", "delete")
    ]
    return sorted(
        found, key=lambda one: (one[1] == "delete", -len(one[0]) if one[1] == "delete" else 0, one[0])
    )


def is_exempt(path, method):
    return any(re.match(pattern, f"{path} {method.upper()}") for pattern, _ in EXEMPT)


def test_each_exemption_is_of_a_route():
    named = [f"{path} {method.upper()}" for path, method, _ in changes()]
    for pattern, _ in EXEMPT:
        assert any(re.match(pattern, one) for one in named), pattern
    assert set(DOCUMENT["paths"]) >= set(ELSEWHERE)


async def test_every_change_leaves_an_entry(cast, database):
    async def count():
        mine = select(func.count()).where(audit_entry.c.organization_id == cast.alice.organization_id)
        async with database.transaction(write=False) as db:
            return (await db.execute(mine)).scalar_one()

    world = await build(cast, cast.alice)
    missing = []
    for path, method, operation in changes():
        if is_exempt(path, method) or path in ELSEWHERE:
            continue
        good = good_request(operation["operationId"], path, world)
        before = await count()
        answer = await world.client_for(operation["security"]).request(
            method.upper(),
            filled(path, good["path_parameters"]),
            params=good["query"],
            json=resolved(CHANGED[path], world.ids)
            if method in ("patch", "put") and path in CHANGED
            else good["body"],
        )
        if answer.status_code >= 400 or await count() == before:
            missing.append((method, path, answer.status_code, answer.text[:100]))
    assert not missing, "\n".join(map(str, missing))


async def test_changes_of_mail_leave_entries_without_passwords(cast, database, services, alice):
    channel = await make_channel(services, alice)
    new = NewMailbox(host="mail.example.com", username="support", password="a very secret word")
    other = await make_channel(services, alice, "other")
    async with database.transaction() as db:
        await set_default(db, services, other)
        await set_mailbox(db, services, alice.project_id, channel.id, new)
        assert await delete_mailbox(db, services, alice.project_id, channel.id)
        await disconnect_channel(db, services, channel)
        mine = audit_entry.c.organization_id == alice.organization_id
        ordered = select(audit_entry).where(mine).order_by(audit_entry.c.created_at, audit_entry.c.id)
        entries = (await db.execute(ordered)).all()
    assert [one.action.removeprefix("email_channel.") for one in entries[-4:]] == [
        "changed",
        "mailbox_set",
        "mailbox_removed",
        "disconnected",
    ]
    assert "secret" not in str(entries)
