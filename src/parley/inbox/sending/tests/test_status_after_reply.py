"""What an answer in the inbox does to the status of a conversation."""

import pytest


@pytest.mark.parametrize(
    ("before", "kind", "given", "after"),
    [
        ("new", "reply", {}, "pending"),
        ("new", "note", {}, "new"),
        ("open", "reply", {}, "open"),
        ("on_hold", "reply", {}, "on_hold"),
        ("new", "reply", {"pending_after_reply": False}, "new"),
    ],
)
async def test_an_answer_makes_a_new_conversation_pending(window, desk, before, kind, given, after):
    url = f"/api/projects/{desk.project.id}/"
    assert (await desk.client.patch(url, json={"conversations_settings": given})).status_code == 200
    await desk.open(status=before)
    await window.open("/inbox/1")
    await window.press("Send reply", content="We look into it.", kind=kind)
    assert (await desk.ticket(1))["status"] == after


async def test_send_and_resolve_resolves_and_the_api_leaves_the_status_alone(window, desk):
    await desk.open()
    await window.open("/inbox/1")
    await window.press("Send and resolve", content="Done.", kind="reply")
    assert (await desk.ticket(1))["status"] == "resolved"
    second = await desk.open()
    answer = await desk.client.post(f"{desk.tickets}{second['id']}/reply/", json={"message": "Hello"})
    assert answer.status_code == 201 and (await desk.ticket(2))["status"] == "new"
