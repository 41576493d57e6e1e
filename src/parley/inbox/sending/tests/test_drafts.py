"""What is typed and not sent waits in the form, for its author, until it is sent."""

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of

RICH = {
    "type": "doc",
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "b", "marks": [{"type": "bold"}]}]}
    ],
}


@pytest.fixture
async def draft(customer, cast: Cast, project):
    """A function that keeps a draft of alice's on the first ticket, as the script does: with her session."""
    await customer.write("Hello?")
    window = await window_of(cast, cast.alice)

    async def keep(**body):
        await window.open("/inbox/1")
        form = window.page.one("form", class_="composer")
        headers = {"X-CSRFToken": form.one("input", name="csrf_token")["value"]}
        return await window.client.put(form["data-draft"], json=body, headers=headers)

    return keep


async def test_a_draft_is_in_the_form_of_its_author_only(draft, window, cast: Cast):
    assert (await draft(message="b", rich_content=RICH, is_private=True)).status_code == 200
    await window.open("/inbox/1")
    field = window.page.one("textarea", id="content")
    assert (field.text, "bold" in field["data-rich"]) == ("b", True)
    assert window.page.one("input", type="radio", value="note").get("checked", "no") == ""
    other = await window_of(cast, cast.bob)
    await other.open("/inbox/1")
    assert other.page.one("textarea", id="content").text == ""
    # What the server could not keep waits in the tab: whoever signs in there next must not find it under their name.
    writers = [one.page.one("form", class_="composer")["data-writer"] for one in (window, other)]
    assert writers == [str(cast.alice.user_id), str(cast.bob.user_id)]


async def test_a_draft_is_gone_once_it_is_sent_and_kept_while_it_is_refused(draft, window):
    await draft(message="Yes.")
    await window.open("/inbox/1")
    await window.press("Send reply", content="x" * 5001)
    assert window.status == 422
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == "Yes."
    await window.press("Send reply", content="Yes.")
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == ""


@pytest.mark.parametrize("refused", ["Suggest a reply", "Send reply"])
async def test_a_form_that_comes_back_still_knows_of_its_draft(draft, window, refused: str):
    await draft(message="Yes.")
    await window.open("/inbox/1")
    await window.press(refused, content="x" * 5001)
    assert window.page.one("form", class_="composer").get("data-kept") == "yes"
    await window.press("Send reply", content="Yes, of course.")
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == ""


async def test_what_was_typed_elsewhere_since_outlives_what_is_sent(draft, window):
    await window.open("/inbox/1")
    await draft(message="A long answer, typed on the phone")
    await window.press("Send reply", content="One moment, please.")
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == "A long answer, typed on the phone"


async def test_a_rich_form_that_no_editor_knows_shows_its_text(draft, window):
    await draft(message="typed", rich_content={"type": "doc", "content": [{"type": "iframe"}]})
    await window.open("/inbox/1")
    field = window.page.one("textarea", id="content")
    assert (field.text, field.get("data-rich", "")) == ("typed", "")


async def test_what_was_typed_before_a_merge_is_found_by_the_old_number(
    draft, window, customer, desk, api, project
):
    await draft(message="typed before")
    await api.post(project.tickets, json={"distinct_id": "b", "message": "Another"})
    merged = await api.post(f"{project.tickets}1/merge/", json={"into": 2})
    assert merged.status_code == 200, merged.text
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == "typed before"
    await window.press("Send reply", content="typed before")
    await window.open("/inbox/1")
    assert window.page.one("textarea", id="content").text == ""
