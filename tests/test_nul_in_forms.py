"""What no database stores, in the forms of pages, which the OpenAPI document doesn't describe."""

from parley.conversations.tickets.tests.factories import Desk
from tests.plain_browser import window_of

SPOILED = "a\x00b\x07\u202e"
ID = "0197c6a0-0000-7000-8000-000000000000"
FORMS = [
    ("/settings/roles", {"name": SPOILED}),
    ("/settings/roles", {"name": "\x00"}),
    ("{role}/rename", {"name": SPOILED}),
    ("{role}/give", {"member": SPOILED, "user_uuid": SPOILED}),
    ("/inbox/bulk", {"ids": "{ticket}", "tag": SPOILED, "action": "add"}),
    ("/inbox/bulk", {"ids": SPOILED, "status": "open", "priority": SPOILED, "query": SPOILED}),
    ("/inbox/bulk/%00/undo", {"query": SPOILED}),
    (f"/inbox/bulk/{ID}/undo", {"number": SPOILED}),
    ("/compose", {"recipient_email": SPOILED, "email_config_id": f"sms:{ID}", "message": "Hello"}),
    (
        "/compose",
        {"recipient_email": "+15005550009", "email_config_id": f"sms:{SPOILED}", "message": "Hello"},
    ),
    ("/compose", {"recipient_email": "+15005550009", "email_config_id": f"sms:{ID}", "message": SPOILED}),
    (
        "/compose",
        {"recipient_email": "a@example.com", "message": SPOILED, "email_subject": SPOILED, "key": SPOILED},
    ),
    ("/inbox/1/messages", {"content": SPOILED, "kind": "reply", "key": SPOILED, "then": SPOILED}),
    ("/inbox/1/messages", {"content": SPOILED, "kind": "note", "edits": SPOILED, "key": ""}),
    ("/inbox/1/messages", {"content": SPOILED, "kind": "note", "rich_content": SPOILED, "actions": SPOILED}),
    ("/inbox/1/person", {"name": SPOILED, "email": SPOILED}),
    ("/inbox/1", {"add_tag": SPOILED, "title": SPOILED, "assignee": SPOILED}),
    ("/settings/quick-actions/new", {"name": SPOILED, "content": SPOILED, "tags": SPOILED}),
    ("/settings/personal-data/erase", {"email": SPOILED, "distinct_id": SPOILED}),
    ("/settings/account", {"first_name": SPOILED, "last_name": SPOILED, "signature": SPOILED}),
]
"""The forms of roles, bulk changes and new conversations, and those of the inbox in which people write."""


async def test_no_form_of_a_page_fails_at_what_no_database_stores(cast, project):
    desk = Desk(cast.alice, project)
    ticket = (await desk.open())["id"]
    made = await cast.alice.client.post(
        f"/api/organizations/{project.organization_id}/roles/", json={"name": "R"}
    )
    role = f"/settings/roles/{made.json()['id']}"
    window = await (await window_of(cast, cast.alice)).open("/inbox")
    csrf = window.page.all("input", name="csrf_token")[0]["value"]
    answers = {}
    for turn, (path, fields) in enumerate(FORMS):
        value = (SPOILED, "\x00")[turn % 2]
        data = {name: one.replace(SPOILED, value).replace("{ticket}", ticket) for name, one in fields.items()}
        answer = await window.client.post(path.format(role=role), data={**data, "csrf_token": csrf})
        answers[path, tuple(fields)] = answer.status_code
    assert all(status < 500 for status in answers.values()), answers
    assert sum(status in (403, 405, 404) for status in answers.values()) <= 3, answers
