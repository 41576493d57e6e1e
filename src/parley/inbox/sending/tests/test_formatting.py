"""Formatted replies and notes, sent as the editor sends them and shown in the conversation."""

import json

import pytest

from tests.cast import Cast
from tests.plain_browser import read_html

BOLD = {"type": "text", "text": "bold", "marks": [{"type": "bold"}]}


def doc(*inside):
    return json.dumps({"type": "doc", "content": [{"type": "paragraph", "content": list(inside)}]})


@pytest.fixture
async def form(window, customer):
    """The client of a session, with a function that sends the form of the first ticket."""
    await customer.write("Hello?")
    await window.open("/inbox/1")
    fields = window.page.one("form", class_="composer").all("input", type="hidden")
    hidden = {one["name"]: one["value"] for one in fields}

    async def send(**given):
        return await window.client.post("/inbox/1/messages", data={**hidden, "kind": "reply", **given})

    return send


async def test_a_formatted_reply_is_stored_and_shown_as_it_was_written(form, window, api, project):
    assert (await form(content="bold", rich_content=doc(BOLD))).status_code == 303
    await window.open("/inbox/1")
    shown = window.page.one("div", class_="message-rich")
    assert shown.one("strong").text == "bold"
    stored = (await api.get(f"{project.tickets}1/messages/")).json()["results"][-1]
    assert (stored["content"], stored["rich_content"]) == ("bold", json.loads(doc(BOLD)))


async def test_text_without_formatting_is_stored_as_text_only(form, api, project):
    plain = {"type": "text", "text": "as typed **so**"}
    assert (await form(content="other", rich_content=doc(plain))).status_code == 303
    stored = (await api.get(f"{project.tickets}1/messages/")).json()["results"][-1]
    assert (stored["content"], stored["rich_content"]) == ("as typed **so**", None)


async def test_the_same_words_formatted_otherwise_are_another_message(form, api, project):
    italic = {**BOLD, "marks": [{"type": "italic"}]}
    for said in (doc(BOLD), doc(BOLD), doc(italic)):
        assert (await form(content="bold", rich_content=said)).status_code == 303
    assert (await api.get(f"{project.tickets}1/messages/")).json()["count"] == 3


@pytest.mark.parametrize("bad", ["{", doc({"type": "iframe"}), doc({"type": "text", "text": "x" * 5001})])
async def test_what_cannot_be_sent_comes_back_with_its_formatting(form, bad, api, project):
    answer = await form(content="typed", rich_content=bad)
    assert answer.status_code == 422
    page = read_html(answer.text)
    assert page.one(role="alert", id="content-problem").text
    field = page.one("textarea", id="content")
    assert (field.text, field["data-rich"]) == ("typed", bad)
    assert (await api.get(f"{project.tickets}1/messages/")).json()["count"] == 1


async def test_markup_of_anybody_is_never_markup_of_the_page(window, api, project):
    link = {"type": "link", "attrs": {"href": "javascript:alert(1)"}}
    rich = {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "<script>alert(1)</script>", "marks": [link]}]},
            {"type": "image", "attrs": {"src": "https://evil.test/pixel.png"}},
        ],
    }  # fmt: skip
    ticket = await api.post(project.tickets, json={"distinct_id": "a", "message": "x"})
    assert ticket.status_code == 201
    said = {"message": "words", "rich_content": rich}
    assert (await api.post(f"{project.tickets}1/reply/", json=said)).status_code == 201
    await window.open("/inbox/1")
    shown = window.page.one("div", class_="message-rich")
    assert shown.text == "<script>alert(1)</script>"
    assert not [tag for tag in ("a", "img", "script") if shown.all(tag)]


async def test_mentions_offer_the_members_of_this_project_only(window, cast: Cast):
    everybody = (await window.client.get("/inbox/members?search=")).json()
    assert {one["email"] for one in everybody} >= {cast.alice.email, cast.bob.email}
    assert not [one for one in everybody if one["email"] == cast.mallory.email]
    found = (await window.client.get("/inbox/members", params={"search": cast.bob.email.upper()[:5]})).json()
    assert cast.bob.user_id in [one["id"] for one in found]
    assert (await window.client.get("/inbox/members?search=zzz")).json() == []
