"""The pages on which quick actions are made."""

import json

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of

QUICK_ACTIONS = "/api/projects/@current/conversations/quick_actions/"
RICH = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Yes"}]}]}


async def made(member, **body):
    answer = await member.client.post(QUICK_ACTIONS, json={"name": "Refund", "content": "Yes", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(member):
    return (await member.client.get(QUICK_ACTIONS)).json()["results"]


async def test_a_quick_action_is_made_changed_and_deleted(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/quick-actions")
    await window.follow("Create a quick action")
    assignee = f"user:{cast.alice.user_id}"
    await window.press(
        "Create", name="Refund", content="Hi\r\n<b>", status="on_hold", tags="b, a", assignee=assignee
    )
    assert window.page.texts(role="status") == ["Saved."]
    [stored] = await listed(cast.bob)
    assert (stored["content"], stored["visibility"]) == ("Hi\n<b>", "team")
    user = {"type": "user", "id": cast.alice.user_id}
    assert stored["actions"] == {"status": "on_hold", "tags": ["a", "b"], "assignee": user}
    await window.follow("Refund")
    await window.press("Save", priority="high", visibility="personal")
    [stored] = await listed(cast.bob)
    assert stored["actions"]["priority"] == "high" and stored["actions"]["assignee"] == user
    assert await listed(cast.alice) == []
    await window.follow("Refund")
    await window.press("Delete this quick action")
    assert await listed(cast.bob) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " ", "content": "Kept"}, "Give the quick action a name."),
        ({"name": "Nothing", "content": " "}, "A quick action needs content or at least one action."),
        ({"name": "Who", "content": "Kept", "assignee": "user:x"}, "Nobody is called so"),
        ({"name": "Who", "content": "Kept", "assignee": "user:999999"}, "not a member"),
        ({"name": "Who", "content": "Kept", "status": "closed"}, "not a valid choice"),
        ({"name": "Who", "content": "Kept", "visibility": "all"}, "not a valid choice"),
    ],
)
async def test_a_form_that_says_nothing_sensible_comes_back_with_its_text(cast: Cast, fields, said):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/quick-actions/new")
    await window.press("Create", **fields)
    assert window.status == 422 and said in window.page.one(role="alert").text
    assert window.page.one("textarea", id="content").text == fields["content"].strip()
    assert await listed(cast.bob) == []


async def test_formatting_stays_while_the_text_does(cast: Cast):
    await made(cast.alice, rich_content=RICH)
    window = await window_of(cast, cast.alice)
    await window.open("/settings/quick-actions")
    await window.follow("Refund")
    await window.press("Save", name="Money back")
    assert [(one["name"], one["rich_content"]) for one in await listed(cast.alice)] == [("Money back", RICH)]
    await window.follow("Money back")
    await window.press("Save", content="No")
    assert [one["rich_content"] for one in await listed(cast.alice)] == [None]


async def test_formatting_of_the_editor_is_stored_and_shown_again(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/quick-actions/new")
    bold = '{"type": "text", "text": "Sorry", "marks": [{"type": "bold"}]}'
    document = f'{{"type": "doc", "content": [{{"type": "paragraph", "content": [{bold}]}}]}}'
    await window.press("Create", name="Sorry", content="Sorry", rich_content=document)
    [stored] = await listed(cast.alice)
    assert stored["content"] == "Sorry" and stored["rich_content"] == json.loads(document)
    await window.follow("Sorry")
    shown = window.page.one("textarea", id="content")["data-rich"]
    assert json.loads(shown) == json.loads(document)
    await window.press("Save", content="Sorry", rich_content=document.replace("bold", "blink"))
    assert window.status == 422 and "can't hold “blink”" in window.page.one(role="alert").text
    await window.press(
        "Save", content="Sorry", rich_content=document.replace(', "marks": [{"type": "bold"}]', "")
    )
    assert [one["rich_content"] for one in await listed(cast.alice)] == [None]


async def test_a_form_that_is_saved_as_it_is_changes_nothing(cast: Cast):
    text = "\nYes\r\nreally"
    tags = ["late, very late", 'the "old" one', "plain"]
    before = await made(cast.alice, content=text, rich_content=RICH, actions={"tags": tags})
    window = await window_of(cast, cast.alice)
    await window.open(f"/settings/quick-actions/{before['short_id']}")
    # Browsers leave out the first line end of a text field, and send the others as CRLF.
    await window.press("Save", content="Yes\r\nreally")
    [after] = await listed(cast.alice)
    assert [after[name] for name in ("actions", "content", "rich_content")] == [before["actions"], text, RICH]


async def test_who_may_not_change_tickets_has_only_their_own(cast: Cast):
    team = await made(cast.alice)
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    await cast.alice.client.put(levels, json={"resource": "ticket", "access_level": "viewer"})
    window = await window_of(cast, cast.bob)
    await window.open(f"/settings/quick-actions/{team['short_id']}")
    assert not [one for one in window.page.all("button") if one.name in ("Save", "Delete this quick action")]
    await window.open("/settings/quick-actions/new")
    await window.press("Create", name="Mine", content="Own")
    assert [(one["name"], one["visibility"]) for one in await listed(cast.bob)] == [
        ("Mine", "personal"),
        ("Refund", "team"),
    ]
    await window.open("/settings/quick-actions/new")
    await window.press("Create", name="Ours", content="x", visibility="team")
    assert window.status == 403


async def test_nobody_opens_what_they_do_not_see(cast: Cast):
    own = await made(cast.alice, visibility="personal")
    for person in (cast.bob, cast.mallory):
        window = await window_of(cast, person)
        path = f"/settings/quick-actions/{own['short_id']}"
        assert (await window.open(path)).status == 404
        await window.open("/settings/quick-actions/new")
        token = window.page.all("input", name="csrf_token")[0]["value"]
        for end in ("", "/delete"):
            data = {"csrf_token": token, "name": "Taken", "content": "x"}
            assert (await window.client.post(path + end, data=data)).status_code == 404
    assert [one["name"] for one in await listed(cast.alice)] == ["Refund"]


async def test_a_placeholder_that_nobody_fills_in_is_told_when_it_is_saved(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/quick-actions/new")
    await window.press("Create", name="Order", content="Hi {{Person.Name}}, {{order.id}} and {{ eta }}")
    said = window.page.texts(role="status")
    assert said[0] == "Saved." and "{{order.id}}, {{ eta }} are not filled in" in said[1]
    assert "Filled in are {{person.name}}, {{person.first_name}}," in said[1]
    await window.press("Save", content="Hi {{person.name}}, {{ agent.first_name }}")
    assert window.page.texts(role="status") == ["Saved."] and window.path.endswith("?notice=saved")
    document = {"type": "doc", "content": [{"type": "text", "text": "For {{order.id}}"}]}
    kept = await made(cast.bob, name="Rich", content="Fine", rich_content=document)
    url = f"{QUICK_ACTIONS}{kept['short_id']}/"
    assert kept["unknown_placeholders"] == ["{{order.id}}"]
    answer = await cast.bob.client.patch(url, json={"rich_content": None, "content": "{{eta}} {{eta}}"})
    assert answer.json()["unknown_placeholders"] == ["{{eta}}"]
    await cast.bob.client.patch(url, json={"content": "{{agent.name}} {{#if a}} {{a b}}"})
    assert (await cast.bob.client.get(url)).json()["unknown_placeholders"] == ["{{#if a}}", "{{a b}}"]
