"""Several conversations of the list at once: assigned, tagged, resolved, snoozed, merged."""

from uuid import uuid4

import pytest

from parley.inbox.inbox_page.tests.test_pages import rows_of
from tests.plain_browser import PlainBrowser, window_of


def notice(window: PlainBrowser) -> str:
    return " ".join(told.one("p").text for told in window.page.all("div", id="told"))


async def opened(desk, count=3, **fields):
    return [(await desk.open(message="Hello?", **fields))["id"] for _ in range(count)]


async def test_ticked_conversations_are_changed_together(window, desk, cast):
    ids = await opened(desk)
    await window.open("/inbox?who=unassigned")
    assert sorted(one["value"] for one in window.page.all("input", name="ids")) == sorted(ids)
    await window.press("Apply status", ids=ids[:2], status="pending")
    assert notice(window) == "2 conversations set to “Pending”." and "who=unassigned" in window.path
    await window.press("Tag them", ids=ids, tag=" VIP ")
    await window.press("Untag", ids=ids[:1], tag="vip")
    await window.press("Assign", ids=ids[:1], assignee=f"user:{cast.bob.user_id}")
    assert rows_of(window) == ["3", "2"]
    await window.press("Assign", ids=ids[1:2], assignee="me")
    await window.press("Snooze", ids=ids[2:], snooze="tomorrow")
    assert rows_of(window) == []
    found = [await desk.ticket(number) for number in (1, 2, 3)]
    assert [one["status"] for one in found] == ["pending", "pending", "on_hold"]
    assert [one["tags"] for one in found] == [[], ["vip"], ["vip"]]
    whose = [one["assignee"] and one["assignee"]["id"] for one in found]
    assert whose == [cast.bob.user_id, cast.alice.user_id, None]


async def test_the_open_conversation_stays_open_and_what_stayed_as_it_was_is_said(window, desk):
    ids = await opened(desk, 1)
    await window.open("/inbox/1?status=all")
    await window.press("Assign", ids=[*ids, str(uuid4())], assignee="me")
    assert window.path.startswith("/inbox/1?status=all&done=")
    assert "1 stayed as they were" in notice(window)


async def test_merging_asks_which_one_stays_and_warns_of_different_customers(window, desk):
    ids = await opened(desk, 2)
    ids += await opened(desk, 1, distinct_id="somebody else")
    await window.open("/inbox?status=all")
    await window.press("Merge", ids=ids[:2])
    assert notice(window) == "" and len(window.page.all("input", name="into")) == 2
    await window.open("/inbox?status=all")
    await window.press("Merge", ids=ids)
    assert "2 different customers" in window.page.one("p", class_="notice").text
    await window.press("Merge", into=ids[1])
    assert window.path == "/inbox/2?status=all" and rows_of(window) == ["2"]
    assert (await desk.ticket(2))["merged_ticket_numbers"] == [1, 3]


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("bulk", {"action": "status", "status": "pending"}, 400),
        ("bulk", {"action": "status", "status": "gone", "ids": "{id}"}, 400),
        ("bulk", {"action": "priority", "priority": "urgent", "ids": "{id}"}, 400),
        ("bulk", {"action": "priority", "ids": "{id}"}, 400),
        ("bulk", {"action": "add", "tag": " ", "ids": "{id}"}, 400),
        ("bulk", {"action": "add", "tag": "\x00", "ids": "{id}"}, 400),
        ("bulk", {"action": "snooze", "snooze": "soon", "ids": "{id}"}, 400),
        ("bulk", {"action": "snooze", "ids": "{id}"}, 400),
        ("bulk", {"action": "assign", "assignee": "user:2000000000", "ids": "{id}"}, 400),
        ("bulk", {"action": "assign", "ids": "{id}"}, 400),
        ("bulk", {"action": "assign", "assignee": "somebody", "ids": "{id}"}, 400),
        ("bulk", {"action": "explode", "ids": "{id}"}, 400),
        ("bulk", {"action": "status", "status": "pending", "ids": "no uuid"}, 400),
        ("merge", {"ids": "{id}"}, 400),
        ("merge", {"ids": ["{id}", "{unknown}"]}, 404),
        ("merge", {"ids": ["{id}", "{other}"], "into": "{unknown}"}, 400),
    ],
)
async def test_bad_forms_change_nothing(window, desk, path, form, status):
    id, other = await opened(desk, 2)
    names = {"{id}": id, "{other}": other, "{unknown}": str(uuid4())}
    ids = form.get("ids", [])
    given = {**form, "ids": [names.get(one, one) for one in ([ids] if isinstance(ids, str) else ids)]}
    given["into"] = names.get(form.get("into", ""), "")
    await window.open("/inbox")
    given["csrf_token"] = window.page.all("input", name="csrf_token")[0]["value"]
    token = {"X-CSRFToken": given["csrf_token"]}  # with it, nobody has read the form before
    answer = await window.client.post(f"/inbox/{path}", data=given, headers=token)
    assert answer.status_code == status, answer.text
    assert {one["status"] for one in (await desk.listed())["results"]} == {"new"}


async def test_conversations_of_other_projects_stay_as_they_are(cast, desk):
    ids = await opened(desk, 2)
    window = await window_of(cast, cast.mallory)
    await window.open("/inbox")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    forms = (("bulk", {"action": "status", "status": "resolved"}), ("merge", {"into": ids[0]}))
    statuses = [
        (
            await window.client.post(f"/inbox/{path}", data={**form, "ids": ids, "csrf_token": token})
        ).status_code
        for path, form in forms
    ]
    assert statuses == [303, 404]
    assert {one["status"] for one in (await desk.listed())["results"]} == {"new"}
