"""The list of what a search has found shows where the words stand."""

from urllib.parse import urlencode

import pytest


@pytest.fixture
def rows_for(window):
    """Return the rows of a search by the numbers of their conversations."""

    async def find(search):
        await window.open(f"/inbox?{urlencode({'search': search})}")
        return {row["data-number"]: row for row in window.page.all("a", class_="row")}

    return find


async def test_a_row_shows_the_newest_message_with_the_words_marked(rows_for, desk):
    ticket = await desk.open(
        message="word " * 60 + "the brown Fern" + " end" * 60, anonymous_traits={"name": "Ada Fern"}
    )
    await desk.say(ticket, "Anything else?")
    await desk.say(ticket, "No, thank you.")
    row = (await rows_for("fern brown"))["1"]
    assert row.texts("mark") == ["Fern", "brown", "Fern"], "in the name, then in the text"
    assert "the brown Fern end" in row.text and "thank you" not in row.text
    assert "You:" not in row.text, "the customer has said so"
    unsearched = (await rows_for(""))["1"]
    assert "You: No, thank you." in unsearched.text and not unsearched.all("mark")


async def test_a_row_says_whose_the_words_are(rows_for, desk):
    ticket = await desk.open(message="Hello")
    await desk.say(ticket, "We send the fern")
    assert "You: We send the fern" in (await rows_for("fern"))["1"].text
    await desk.say(ticket, "Send another fern", is_private=True)
    assert "Note: Send another fern" in (await rows_for("fern"))["1"].text


async def test_what_stands_in_the_subject_or_the_address_is_marked_there(rows_for, desk):
    await desk.open(message="Hello", subject="A brown fern")
    await desk.open(message="Hello", name="Mina", email="mina@quintanova.example")
    assert (await rows_for("brown"))["1"].one("bdi", class_="row-subject").texts("mark") == ["brown"]
    assert (await rows_for("quintanova"))["2"].texts("mark") == ["quintanova"]


async def test_the_rows_behind_the_first_page_and_a_number_are_shown_alike(rows_for, desk, window):
    await desk.open(message="A fern is here, and #1 of them")
    await desk.open(message="No plant")
    row = (await rows_for("#1"))["1"]
    assert "A fern is here" in row.text and not row.all("mark"), "the number is the conversation's"
    answer = await window.client.get("/inbox/rows/more", params={"search": "fern"})
    assert "<mark>fern</mark>" in answer.text


async def test_text_of_strangers_stays_text(rows_for, desk):
    await desk.open(message="<b>fern</b> <script>alert(1)</script>")
    row = (await rows_for("fern"))["1"]
    assert "<b>" in row.text and row.texts("mark") == ["fern"] and not row.all("script")


async def test_a_list_looks_through_the_beginning_of_a_message(rows_for, desk):
    """Fifty long texts of other alphabets, letter by letter, would let everybody wait."""
    await desk.open(message="ж" * 1_900 + " fern")
    await desk.open(message="ж" * 2_100 + " fern")
    rows = await rows_for("fern")
    assert rows["1"].texts("mark") == ["fern"] and not rows["2"].all("mark")
