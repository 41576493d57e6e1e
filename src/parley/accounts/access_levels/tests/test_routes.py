"""What each level opens and closes, on every route that leads to a ticket."""

from typing import Any

import pytest

VIEWER = OPENER = "You do not have editor access to this resource."
DELETER = KEEPER = "You do not have manager access to this resource."
NOWHERE = "You do not have viewer access to this resource."
LEVELS = ("none", "viewer", "editor", "manager")

# Method, path and body, and the lowest level that it takes.
ROUTES: list[tuple[str, str, Any, str, str]] = [
    ("GET", "{ticket}", None, "viewer", ""),
    ("GET", "{ticket}messages/", None, "viewer", ""),
    ("GET", "{ticket}access_controls/", None, "viewer", ""),
    ("GET", "{comments}{comment}/", None, "viewer", ""),
    ("PATCH", "{ticket}", {"status": "pending"}, "editor", VIEWER),
    ("PUT", "{ticket}", {"status": "open"}, "editor", VIEWER),
    ("POST", "{ticket}reply/", {"message": "Hello back"}, "editor", VIEWER),
    ("POST", "{ticket}notes/", {"message": "A note"}, "editor", VIEWER),
    ("PATCH", "{ticket}notes/{note}/", {"message": "Another"}, "editor", VIEWER),
    ("DELETE", "{ticket}notes/{note}/", None, "editor", VIEWER),
    ("POST", "{comments}", {"scope": "conversations_ticket", "item_id": "{id}", "content": "Hi"}, "editor", VIEWER),
    ("POST", "{comments}", {"scope": "Ticket", "item_id": "{id}", "content": "Hm"}, "editor", VIEWER),
    ("PATCH", "{comments}{comment}/", {"content": "Better"}, "editor", VIEWER),
    ("POST", "{ticket}restore/", None, "editor", VIEWER),
    ("PUT", "{ticket}access_controls/", {"access_level": "viewer", "role": "{role}"}, "manager", KEEPER),
    ("DELETE", "{ticket}", None, "manager", DELETER),
]  # fmt: skip


async def scene(desk, bobs, keeper):
    """A ticket with an unread message, on which bob has written; return what paths and bodies may name."""
    ticket = await desk.open(message="Hello")
    comment = await bobs.say(ticket, "How can I help?")
    note = (await bobs.client.post(f"{bobs.tickets}{ticket['id']}/notes/", json={"message": "Hm"})).json()
    role = await keeper.role("Others")
    return ticket, {
        "ticket": f"{bobs.tickets}{ticket['id']}/",
        "comments": bobs.comments,
        "comment": comment["id"],
        "note": note["id"],
        "id": ticket["id"],
        "role": role["role"],
    }


def filled(body, names):
    if not isinstance(body, dict):
        return None
    return {key: value.format_map(names) if isinstance(value, str) else value for key, value in body.items()}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("way", ["on the ticket", "everywhere", "for the role", "for the member"])
async def test_each_route_takes_its_level(desk, bobs, keeper, bob, level, way):
    ticket, names = await scene(desk, bobs, keeper)
    if way == "on the ticket":
        await keeper.everywhere("viewer" if level == "none" else "none")
        await keeper.on(ticket, level)
    elif way == "everywhere":
        await keeper.everywhere(level)
        await keeper.on(await desk.open(), "viewer")  # so that bob is not shut out as a whole
    elif way == "for the role":
        await keeper.everywhere("viewer" if level == "none" else "none")
        await keeper.on(ticket, level, **await keeper.role("Support", bob))
    else:
        await keeper.everywhere("viewer" if level == "none" else "none")
        await keeper.on(ticket, "manager", **await keeper.role("Support", bob))
        await keeper.on(ticket, level, **await keeper.member(bob))
    for method, path, body, wanted, refusal in ROUTES:
        answer = await bobs.client.request(method, path.format_map(names), json=filled(body, names))
        what = (method, path, answer.text)
        if level == "none":
            is_posted = (method, path) == ("POST", "{comments}")
            assert answer.status_code == (400 if is_posted else 404), what
        elif LEVELS.index(level) < LEVELS.index(wanted):
            assert (answer.status_code, answer.json()["detail"]) == (403, refusal), what
        else:
            assert answer.is_success, what


async def test_who_sees_nothing_at_all_is_told_so(desk, bobs, keeper):
    _, names = await scene(desk, bobs, keeper)
    await keeper.everywhere("none")
    lists: list[Any] = [
        ("GET", bobs.tickets + path, None) for path in ("", "unread_count/", "?search=x", "?status=open")
    ]
    bulk = {"ids": [names["id"]], "status": "open"}
    tags = {"ids": [names["id"]], "action": "add", "tags": ["one"]}
    lists += [
        ("POST", f"{bobs.tickets}bulk_update_status/", bulk),
        ("POST", f"{bobs.tickets}bulk_update_tags/", tags),
    ]
    lists += [("GET", bobs.comments.replace("comments", "tags"), None)]
    routes = [(method, path, body) for method, path, body, *_ in ROUTES if "{comment}" not in path]
    for method, path, body in [*routes, *lists]:
        answer = await bobs.client.request(method, path.format_map(names), json=filled(body, names) or body)
        assert (method, path, answer.status_code) == (method, path, 403)
        assert answer.json()["detail"] == NOWHERE
    absent = await bobs.client.get(f"{bobs.tickets}999/")
    assert absent.status_code == 403  # as for those that exist


async def test_admins_and_owners_are_never_kept_out(desk, keeper, alice):
    ticket = await desk.open(message="Hello")
    await keeper.everywhere("none")
    await keeper.on(ticket, "none", **await keeper.member(alice))
    assert (await desk.ticket(ticket["id"]))["user_access_level"] == "manager"
    assert await desk.numbers() == [ticket["ticket_number"]]
    await desk.delete(ticket["id"])


async def test_without_levels_members_delete_and_see_themselves_as_editors(desk, bobs):
    ticket = await desk.open()
    assert (await bobs.ticket(ticket["id"]))["user_access_level"] == "editor"
    await bobs.delete(ticket["id"])


async def test_a_ticket_is_opened_by_editors_of_all(desk, bobs, keeper, bob):
    await keeper.on(await desk.open(), "manager", **await keeper.member(bob))
    for level in ("none", "viewer"):
        await keeper.everywhere(level)
        refused = await bobs.client.post(bobs.tickets, json={"distinct_id": "visitor"})
        assert (refused.status_code, refused.json()["detail"]) == (403, OPENER)
    for level in ("editor", "manager"):
        await keeper.everywhere(level)
        assert (await bobs.open())["user_access_level"] == level


async def test_a_viewer_sees_the_true_count_and_marks_nothing(desk, bobs, keeper):
    ticket = await desk.open(message="Hello")
    await keeper.everywhere("viewer")
    for _ in range(2):
        assert (await bobs.ticket(ticket["id"]))["unread_team_count"] == 1
    await keeper.everywhere("editor")
    assert (await bobs.ticket(ticket["id"]))["unread_team_count"] == 0
    assert (await desk.listed())["results"][0]["unread_team_count"] == 0


async def test_a_deleted_ticket_comes_back_for_editors_only(desk, bobs, keeper):
    ticket = await desk.open()
    await desk.delete(ticket["id"])
    url = f"{bobs.tickets}{ticket['id']}/restore/"
    for level, status in (("none", 404), ("viewer", 403), ("editor", 200)):
        await keeper.everywhere("viewer")
        assert (await bobs.client.post(url)).status_code == 403
        await keeper.everywhere(level)
        await keeper.on(await desk.open(), "viewer")
        assert (await bobs.client.post(url)).status_code == status


async def test_bulk_changes_pass_over_what_one_cannot_change(desk, bobs, keeper):
    tickets = {level: await desk.open() for level in LEVELS}
    for level, ticket in tickets.items():
        await keeper.on(ticket, level)
    ids = [ticket["id"] for ticket in tickets.values()]
    body = {"ids": ids, "action": "add", "tags": ["one"]}
    answer = (await bobs.client.post(f"{bobs.tickets}bulk_update_tags/", json=body)).json()
    assert [one["id"] for one in answer["updated"]] == ids[2:]
    assert answer["skipped"] == [{"id": id, "reason": "Not found or no edit access"} for id in ids[:2]]
    body = {"ids": ids, "status": "resolved"}
    answer = (await bobs.client.post(f"{bobs.tickets}bulk_update_status/", json=body)).json()
    assert answer == {"updated": 2, "ids": ids[2:]}
    assert [(await desk.ticket(id))["status"] for id in ids] == ["new", "new", "resolved", "resolved"]


async def test_a_hidden_comment_is_no_source_of_another(desk, bobs, keeper):
    hidden, shown = await desk.open(), await desk.open()
    said = await desk.say(hidden, "Secret")
    await keeper.on(hidden, "none")
    body = {
        "scope": "conversations_ticket",
        "item_id": shown["id"],
        "content": "Well",
        "source_comment": said["id"],
    }
    answer = await bobs.client.post(bobs.comments, json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, "source_comment")
