"""The pages of tags."""

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.fixture
async def window(cast: Cast):
    """A window in which alice looks at the tags."""
    made = await window_of(cast, cast.alice)
    return await made.open("/settings/tags")


async def reopened(window):
    await window.open("/settings/tags")
    return window.page.texts("td")


async def test_a_list_without_tags_says_where_they_come_from(window):
    assert "No conversation has a tag yet." in window.page.text


async def test_each_count_leads_to_the_conversations(window, desk):
    await desk.open(tags=["a/b & c"], message="One")
    await desk.open(tags=["a/b & c"], message="Two", status="resolved")
    assert await reopened(window) == ["a/b & c", "1", "2", "Change the tag a/b & c"]
    await window.follow("All conversations with the tag a/b & c: 2")
    assert "One" in window.page.text and "Two" in window.page.text
    await window.open("/settings/tags")
    await window.follow("Open conversations with the tag a/b & c: 1")
    assert "One" in window.page.text and "Two" not in window.page.text


async def test_a_tag_is_renamed_and_deleted(window, desk):
    await desk.open(tags=["vip"])
    await reopened(window)
    await window.follow("Change the tag vip")
    await window.press("Rename", to="Key & <b>account")
    assert window.page.one(role="status").text == "The tag is renamed."
    assert window.page.texts("td")[0] == "key & <b>account"
    await window.follow("Change the tag key & <b>account")
    assert "1 conversation loses it." in window.page.text
    await window.press("Delete the tag")
    assert window.page.one(role="status").text == "The tag is deleted."
    assert (await desk.listed())["results"][0]["tags"] == []


async def test_a_name_that_is_taken_asks_before_it_merges(window, desk):
    await desk.open(tags=["vip"])
    await desk.open(tags=["important"])
    await window.open("/settings/tags/tag?name=vip")
    await window.press("Rename", to=" Important")
    assert window.status == 409
    assert "“ important ” already, on 1 conversation." in window.page.one(role="alert").text
    assert (await reopened(window))[0::4] == ["important", "vip"], "nothing has changed yet"
    await window.open("/settings/tags/tag?name=vip")
    await window.press("Rename", to="important")
    await window.press("Merge into “important”")
    assert window.page.texts("td")[:3] == ["important", "2", "2"]


@pytest.mark.parametrize(("to", "said"), [(" ", "Enter the new name."), ("VIP", "is called so already")])
async def test_a_name_that_cannot_be_is_refused_in_words(window, desk, to, said):
    await desk.open(tags=["vip"])
    await window.open("/settings/tags/tag?name=vip")
    await window.press("Rename", to=to)
    assert window.status == 422 and said in window.page.one(role="alert").text


async def test_who_is_no_manager_sees_the_list_and_changes_nothing(cast: Cast, desk):
    await desk.open(tags=["vip"])
    window = await window_of(cast, cast.bob)
    assert await reopened(window) == ["vip", "1", "1"]
    await window.open("/settings/tags/tag?name=vip")
    assert window.status == 403
    await window.open("/settings/tags?search=zzz")
    assert "No tag has “ zzz ” in its name." in window.page.text


async def test_a_tag_that_is_gone_is_not_found(window):
    await window.open("/settings/tags/tag?name=unknown")
    assert window.status == 404
    await window.open("/settings/tags/tag")
    assert window.path == "/settings/tags"
