"""Quick actions and articles in the form to write in: their texts are filled, and their changes made with the message."""

import json

import pytest
from sqlalchemy import insert, select

from parley.conversations.change_feed.tables import change
from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.visitor import Browser
from parley.inbox.composer.menu import READ_AT_ONCE
from parley.kernel.ids import new_uuid
from tests.cast import Cast
from tests.plain_browser import read_html, window_of

QUICK_ACTIONS = "/api/projects/@current/conversations/quick_actions/"
ARTICLES = "/api/projects/@current/conversations/articles/"
IN_PAGE = {"HX-Request": "true"}
GREETING = "Hello {{person.first_name}}, about #{{ ticket.number }}: we pay back. {{agent.name}}"


async def made(member, **body):
    answer = await member.client.post(QUICK_ACTIONS, json={"name": "Refund", "content": GREETING, **body})
    assert answer.status_code == 201, answer.text
    return f"quick_action:{answer.json()['short_id']}"


async def article(member, **body):
    given = {"title": "Returns", "content": "Within **30 days**.", "state": "published", **body}
    answer = await member.client.post(ARTICLES, json=given)
    assert answer.status_code == 201, answer.text
    return f"article:{answer.json()['id']}"


@pytest.fixture
async def ticket(desk: Desk):
    """The first ticket: Maria's."""
    return await desk.open(message="Hello?", name="Maria Schmidt")


async def inserted(window, value, number=1, **more):
    return await window.client.get(f"/inbox/{number}/insertion", params={"insert": value, **more})


async def names(window, search=""):
    answer = await window.client.get("/inbox/1/quick-actions", params={"search": search})
    assert answer.status_code == 200, answer.text
    return {group["name"]: [one["name"] for one in group["options"]] for group in answer.json()}


async def test_the_menu_finds_the_last_of_many_quick_actions(window, ticket, cast: Cast, database, project):
    await made(cast.alice, name="Zebra", content="Stripes")
    async with database.transaction() as db:
        about = {
            "project_id": project.id,
            "description": "",
            "content": "x",
            "actions": {},
            "visibility": "team",
        }
        now = cast.services.clock.now()
        rows = [
            {
                **about,
                "id": new_uuid(),
                "short_id": f"n{n}",
                "name": f"A{n}",
                "created_at": now,
                "updated_at": now,
            }
            for n in range(READ_AT_ONCE + 1)
        ]
        await db.execute(insert(quick_action), rows)
    assert await names(window, "zebra") == {"Quick actions": ["Zebra"]}
    assert await names(window, "stripes") == {"Quick actions": ["Zebra"]}


async def test_the_menu_has_what_the_team_has_prepared_and_finds_it_by_words(window, ticket, cast: Cast):
    await made(cast.alice, actions={"status": "resolved", "tags": ["refund"]})
    await made(cast.alice, name="Crème brûlée", content="A recipe", description="Dessert")
    await made(cast.bob, name="Bob's own", visibility="personal")
    await article(cast.alice)
    await article(cast.alice, title="Draft", state="draft")
    shown = await names(window)
    assert shown == {
        "Quick actions": ["Crème brûlée", "Refund"],
        "Articles": ["Returns"],
        "Suggested reply": ["Suggest a reply"],
    }
    assert await names(window, "BRÛLÉE des") == {"Quick actions": ["Crème brûlée"]}
    assert await names(window, "30 days") == {"Articles": ["Returns"]}
    assert await names(window, "nothing like this") == {}
    groups = (await window.client.get("/inbox/1/quick-actions")).json()
    assert [one["sets"] for one in groups[0]["options"]] == ["", "status, tags"]
    assert groups[1]["options"][0]["about"] == "Within 30 days."


async def test_placeholders_are_filled_for_the_ticket_and_the_rest_is_told(window, ticket, cast: Cast):
    value = await made(cast.alice, content=GREETING + " {{person.email}} {{person.nmae}}")
    found = (await inserted(window, value)).json()
    name = (await cast.alice.client.get("/api/users/@me/")).json()["first_name"]
    assert found["content"].startswith(f"Hello Maria, about #1: we pay back. {name}")
    assert found["content"].endswith("{{person.email}} {{person.nmae}}")
    assert found["notice"] == "Not filled in yet: {{person.email}}, {{person.nmae}}."


async def test_what_a_customer_calls_themselves_is_no_placeholder(window, desk: Desk, cast: Cast):
    await desk.open(message="Hello?", name="{{ticket.number}}\n<b>")
    found = (await inserted(window, await made(cast.alice, content="Dear {{person.name}},"))).json()
    assert found["content"] == "Dear {{ticket.number}} <b>,"


async def test_whoever_claims_anothers_distinct_id_is_not_told_their_name_and_address(
    window, cast: Cast, anonymous, project
):
    told = {"$set": {"name": "Ada Lovelace", "email": "ada@x.test"}}
    event = {"event": "x", "distinct_id": "ada", "properties": told, "token": project.api_token}
    assert (await anonymous.post("/e/", json=event)).status_code == 200
    stranger = Browser(anonymous, project)
    stranger.distinct_id = "ada"
    await stranger.opened()
    text = "Dear {{person.name}}, we write to {{person.email}}"
    found = (await inserted(window, await made(cast.alice, content=text))).json()
    assert found["content"] == text


async def test_formatting_comes_along_and_what_the_editor_does_not_know_becomes_text(
    window, ticket, cast: Cast
):
    bold = {"type": "text", "text": "{{person.name}}", "marks": [{"type": "bold"}]}
    rich = {"type": "doc", "content": [{"type": "paragraph", "content": [bold]}]}
    found = (await inserted(window, await made(cast.alice, content="", rich_content=rich))).json()
    assert found["rich_content"]["content"][0]["content"][0] == {**bold, "text": "Maria Schmidt"}
    assert found["content"] == "Maria Schmidt"
    image = {"type": "doc", "content": [{"type": "image", "attrs": {"src": "https://x.test/a.png"}}]}
    found = (await inserted(window, await made(cast.alice, content="Words", rich_content=image))).json()
    assert (found["content"], found["rich_content"]) == ("Words", None)


async def test_an_article_gives_its_text(window, ticket, cast: Cast):
    value = await article(
        cast.alice, content="# Jackets\n\nWithin **30 days**.\n\n- [here](https://x.test/r)"
    )
    found = (await inserted(window, value)).json()
    assert found["content"] == "Jackets\n\nWithin 30 days.\n\n- here (https://x.test/r)"


async def test_changes_are_made_with_the_message_and_not_before(window, ticket, desk: Desk, cast: Cast):
    await desk.change(1, tags=["vip"])
    set_on_ticket = {
        "status": "on_hold",
        "priority": "high",
        "tags": ["refund"],
        "assignee": {"type": "user", "id": cast.bob.user_id},
    }
    value = await made(cast.alice, actions=set_on_ticket)
    await window.open("/inbox/1")
    await window.press("Quick actions")
    assert window.page.one("option", value=value).text == "Refund (sets status, priority, tags, assignee)"
    await window.press("Insert", insert=value, content="Typed before.")
    assert window.page.one("textarea", id="content").text.startswith("Typed before. Hello Maria, about #1")
    words = window.page.one("label", class_="composer-actions").text
    assert "status On hold, priority High, tag refund, assignee" in words
    before = await desk.ticket(1)
    assert (before["status"], before["priority"], before["tags"]) == ("new", None, ["vip"])
    await window.press("Send reply")
    after = await desk.ticket(1)
    assert (after["status"], after["priority"], after["tags"], after["assignee"]["id"]) == (
        "on_hold",
        "high",
        ["refund", "vip"],
        cast.bob.user_id,
    )
    await window.open("/inbox/1")
    assert window.page.one("input", name="actions")["value"] == ""


async def test_changes_can_be_left_out(window, ticket, desk: Desk, cast: Cast):
    value = await made(cast.alice, actions={"priority": "high"})
    await window.open("/inbox/1")
    await window.press("Quick actions")
    await window.press("Insert", insert=value)
    await window.press("Send reply", actions=None)
    found = await desk.ticket(1)
    assert (found["priority"], found["status"]) == (None, "pending")


async def test_a_note_makes_the_changes_too(window, ticket, desk: Desk):
    await window.open("/inbox/1")
    await window.press("Send reply", kind="note", content="See", actions='{"priority":"low","tags":["a"]}')
    found = await desk.ticket(1)
    assert (found["priority"], found["tags"], found["status"]) == ("low", ["a"], "new")


async def test_two_quick_actions_set_what_both_set(window, ticket, cast: Cast):
    value = await made(cast.alice, actions={"status": "resolved", "tags": ["b"]})
    found = (await inserted(window, value, actions='{"status":"open","priority":"low","tags":["a"]}')).json()
    assert json.loads(found["actions"]) == {"status": "resolved", "priority": "low", "tags": ["a", "b"]}
    assert found["words"] == "status Resolved, priority Low, tags a, b"


async def test_without_a_text_the_changes_are_made_at_once(window, ticket, desk: Desk, cast: Cast):
    value = await made(cast.alice, name="Close", content="", actions={"status": "resolved", "tags": ["done"]})
    assert (await inserted(window, value)).json()["only_changes"] is True
    await window.open("/inbox/1")
    await window.press("Quick actions")
    for _ in range(2):
        await window.press("Insert", insert=value, content="Typed")
        assert "“Close” is done: status Resolved, tag done." in window.page.texts(role="status")
        assert window.page.one("textarea", id="content").text == "Typed"
        await window.press("Quick actions")
    found = await desk.ticket(1)
    assert (found["status"], found["tags"]) == ("resolved", ["done"])


async def test_no_reply_is_sent_with_placeholders_unless_they_are_meant(window, ticket, api, project):
    await window.open("/inbox/1")
    await window.press("Send reply", content="Dear {{person.nmae}},")
    assert window.status == 422
    assert "{{person.nmae}} is not filled in" in window.page.one(id="content-problem").text
    assert window.page.one("textarea", id="content").text == "Dear {{person.nmae}},"
    await window.press("Send reply", as_is="yes")
    await window.press("Send reply", kind="note", content="Mind {{this}}")
    said = [one["content"] for one in (await api.get(f"{project.tickets}1/messages/")).json()["results"]]
    assert said == ["Hello?", "Dear {{person.nmae}},", "Mind {{this}}"]


@pytest.mark.parametrize(
    "bad", ["{", "[]", '"x"', '{"status":"closed"}', '{"unknown":1}', '{"tags":["' + "x" * 11_000 + '"]}']
)
async def test_changes_that_nobody_can_read_keep_the_message_back(window, ticket, desk: Desk, api, bad):
    await window.open("/inbox/1")
    await window.press("Send reply", content="Hello", actions=bad)
    assert window.status == 422 and window.page.one("textarea", id="content").text == "Hello"
    assert (await inserted(window, "quick_action:x", actions=bad)).status_code in (400, 404)
    assert (await desk.ticket(1))["message_count"] == 1


async def test_whom_nobody_knows_any_more_is_not_assigned_and_nothing_is_sent(
    window, ticket, desk: Desk, cast: Cast
):
    gone = json.dumps({"assignee": {"type": "user", "id": cast.mallory.user_id}})
    for headers in ({}, IN_PAGE):
        await window.open("/inbox/1")
        form = window.page.one("form", class_="composer")
        data = {one["name"]: one["value"] for one in form.all("input", type="hidden")}
        data |= {"kind": "reply", "content": "Hello", "actions": gone}
        answer = await window.client.post("/inbox/1/messages", data=data, headers=headers)
        assert answer.status_code == 422
        assert "not a member" in read_html(answer.text).one(id="content-problem").text
    assert (await desk.ticket(1))["message_count"] == 1


async def test_what_is_refused_is_told_to_no_stream(window, ticket, cast: Cast, database, project):
    gone = json.dumps({"assignee": {"type": "user", "id": cast.mallory.user_id}})
    noted = select(change.c.name, change.c.message_id).where(change.c.project_id == project.id)
    await window.open("/inbox/1")
    async with database.transaction(write=False) as db:
        before = (await db.execute(noted)).all()
    await window.press("Send reply", content="Hello", actions=gone)
    assert window.status == 422
    async with database.transaction(write=False) as db:
        assert (await db.execute(noted)).all() == before


async def test_an_assignee_who_has_left_is_left_out_and_that_is_said(window, ticket, cast: Cast):
    assignee = {"type": "user", "id": cast.bob.user_id}
    value = await made(cast.alice, actions={"assignee": assignee, "priority": "low"})
    path = f"/api/organizations/{cast.alice.organization_id}/members/{cast.bob.user_uuid}/"
    assert (await cast.alice.client.delete(path)).status_code == 204
    found = (await inserted(window, value)).json()
    assert (found["actions"], found["words"]) == ('{"priority":"low"}', "priority Low")
    assert found["notice"].endswith("has left, so nobody is assigned.")


async def test_what_is_hidden_gone_or_unknown_cannot_be_inserted(window, ticket, cast: Cast):
    hidden = [
        await made(cast.bob, visibility="personal"),
        await made(cast.mallory),
        await article(cast.mallory),
        await article(cast.alice, state="draft"),
    ]
    for value in [*hidden, "", "quick_action:", "quick_action:x\x00", "article:x", "suggestion", "x:y"]:
        answer = await inserted(window, value)
        assert answer.status_code == 404, value
    await window.open("/inbox/1")
    await window.press("Quick actions")
    for value in hidden:
        await window.press(
            "Insert" if window.page.all("select", id="insert") else "Quick actions", insert=value
        )
        assert window.status == 422 and "It is gone" in window.page.one(id="content-problem").text
        assert window.page.one("textarea", id="content").text == ""


async def test_another_organization_and_who_may_only_read_get_nothing(window, ticket, cast: Cast, project):
    value = await made(cast.alice, content="", actions={"status": "resolved"})
    await cast.alice.client.put(
        f"/api/projects/{project.id}/resource_access_controls/",
        json={"resource": "ticket", "access_level": "viewer"},
    )
    for person, refused in ((cast.mallory, 404), (cast.bob, 403)):
        other = await window_of(cast, person)
        await other.open("/inbox")
        token = other.page.all("input", name="csrf_token")[0]["value"]
        data = {"csrf_token": token, "insert": value}
        for answer in (
            await other.client.get("/inbox/1/quick-actions"),
            await inserted(other, value),
            await other.client.post("/inbox/1/quick-actions", data=data, headers=IN_PAGE),
        ):
            assert answer.status_code == refused, answer.text
    assert (await cast.alice.client.get(f"{project.tickets}1/")).json()["status"] == "new"
