"""A conversation is left as unread, or deleted and restored, by hand and without script."""

from tests.cast import Cast
from tests.plain_browser import window_of


async def put_level(desk, level):
    answer = await desk.client.put(f"{desk.tickets}1/access_controls/", json={"access_level": level})
    assert answer.status_code == 200


async def test_a_conversation_that_was_read_is_left_as_unread(window, desk):
    await desk.open(message="Where is my fern?")
    await window.open("/inbox/1?who=unassigned")
    assert await desk.unread() == 0
    await window.press("Mark as unread")
    assert window.path == "/inbox?who=unassigned&unread=1"
    assert window.page.one(id="told").text == "#1 is unread again."
    assert await desk.unread() == 1
    await window.open("/inbox/1")
    await window.open("/inbox?unread=1")
    assert not window.page.all(id="told"), "somebody has read it since"


async def test_deleting_asks_first_and_is_undone(window, desk):
    await desk.open(message="Where is my fern?", name="Mina")
    await window.open("/inbox/1?who=unassigned")
    await window.follow("Delete...")
    assert window.page.one("h1").text == "Delete conversation #1?"
    assert "Mina" in window.page.text and "1 message" in window.page.text
    await window.follow("Cancel")
    assert window.path == "/inbox/1?who=unassigned"
    await window.follow("Delete...")
    await window.press("Delete")
    assert window.path == "/inbox?who=unassigned&deleted=1"
    assert "#1 is deleted." in window.page.one(id="told").text
    assert (await desk.listed())["count"] == 0
    await window.press("Undo")
    assert window.path == "/inbox/1?who=unassigned" and "Where is my fern?" in window.page.text
    assert (await desk.listed())["count"] == 1
    await window.open("/inbox?deleted=1")
    assert not window.page.all(id="told"), "it is there"


async def test_a_second_press_on_delete_shows_the_same(window, desk):
    await desk.open(message="Where is my fern?")
    await window.open("/inbox/1/delete")
    asked = window.page
    await window.press("Delete")
    window.page = asked  # the browser shows the answer to the last press
    await window.press("Delete")
    assert window.path == "/inbox?deleted=1" and "#1 is deleted." in window.page.one(id="told").text


async def test_what_is_merged_into_it_is_named_before_it_goes(window, desk):
    for text in ("Where is my fern?", "Hello?"):
        await desk.open(message=text)
    await desk.client.post(f"{desk.tickets}2/merge/", json={"into": 1})
    await window.open("/inbox/1/delete")
    assert "2 messages, with those of #2, which is merged into it" in window.page.text


async def test_only_who_may_delete_a_conversation_is_asked(window, desk, cast: Cast):
    await desk.open(message="Where is my fern?")
    bobs = await window_of(cast, cast.bob)
    await bobs.open("/inbox/1")
    assert "Delete..." in bobs.page.text, "nobody has set a level"
    await put_level(desk, "editor")
    await bobs.open("/inbox/1")
    assert "Mark as unread" in bobs.page.text and "Delete..." not in bobs.page.text
    await bobs.open("/inbox/1/delete")
    assert bobs.status == 403


async def test_nothing_is_said_of_what_never_was(window, desk):
    await desk.open(message="Where is my fern?")
    for query in ("deleted=1", "deleted=7", "unread=7", "deleted=x", "unread=%00"):
        await window.open(f"/inbox?{query}")
        assert window.status == 200 and not window.page.all(id="told")
