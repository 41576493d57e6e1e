"""What the editor sends: known nodes and marks only, safe links, and plain text where there is no formatting."""

import json

import pytest

from parley.conversations.messages.rich_text import (
    BAD_LINK,
    TOO_DEEP,
    TOO_LARGE,
    UNREADABLE,
    Written,
    appended,
    written,
)
from parley.kernel.errors import Invalid


def text(words, *marks):
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def paragraph(*inside):
    return {"type": "paragraph", "content": list(inside)}


def item(*inside):
    return {"type": "listItem", "content": list(inside)}


def doc(*nodes):
    return json.dumps({"type": "doc", "content": list(nodes)})


BOLD = {"type": "bold"}


def link(address):
    return {
        "type": "link",
        "attrs": {"href": address, "target": "_blank", "class": "x", "onclick": "alert(1)"},
    }


def test_a_text_without_formatting_is_only_text():
    said = written(
        "ignored", doc(paragraph(text("a"), {"type": "hardBreak"}, text("b")), paragraph(text("c")))
    )
    assert said == Written("a\nb\n\nc")
    assert written("as typed **so**", "") == Written("as typed **so**")


def test_formatting_is_kept_and_what_nobody_knows_of_a_node_is_not():
    given = doc(
        {"type": "paragraph"},
        {
            "type": "paragraph",
            "attrs": {"style": "x"},
            "content": [text("b", BOLD), text("l", link("https://a.test/"))],
        },
        {
            "type": "orderedList",
            "attrs": {"start": 3, "type": None},
            "content": [{"type": "listItem", "content": [paragraph()]}],
        },
        {"type": "paragraph"},
    )
    said = written("", given)
    assert said.content == "bl (https://a.test/)\n\n1. "
    assert said.rich_content == {
        "type": "doc",
        "content": [
            paragraph(text("b", BOLD), text("l", {"type": "link", "attrs": {"href": "https://a.test/"}})),
            {"type": "orderedList", "attrs": {"start": 3}, "content": [item({"type": "paragraph"})]},
        ],
    }  # fmt: skip


def test_a_mention_says_whom_it_is_of():
    mention = {"type": "mention", "attrs": {"id": "7", "label": "Ada Lovelace", "mentionSuggestionChar": "@"}}
    said = written("", doc(paragraph(text("Ask "), mention)))
    assert said.content == "Ask @Ada Lovelace"
    assert (said.rich_content or {})["content"][0]["content"][1]["attrs"] == {
        "id": "7",
        "label": "Ada Lovelace",
    }


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "https://bank.test@evil.test", "/a", "", 5, None]
)
def test_a_link_leads_to_the_web(address):
    with pytest.raises(Invalid, match=BAD_LINK):
        written("", doc(paragraph(text("x", link(address)))))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{", UNREADABLE),
        ("[]", UNREADABLE),
        ("null", UNREADABLE),
        ('{"type":"paragraph"}', UNREADABLE),
        ('{"type":"doc","content":{}}', UNREADABLE),
        (doc(paragraph({"type": "text", "text": 5})), UNREADABLE),
        (doc(paragraph({"type": "text", "text": "\ud800"})), UNREADABLE),
        (doc(paragraph(text("a\x00b"))), UNREADABLE),
        (doc(paragraph({"type": "mention", "attrs": {"id": "1", "label": "a\x00b"}})), UNREADABLE),
        (doc({"type": "mention", "attrs": {"id": 7}}), UNREADABLE),
        (doc({"type": "iframe", "attrs": {"src": "https://evil.test"}}), "“iframe”"),
        (doc({"type": "image", "attrs": {"src": "https://evil.test/i.png"}}), "“image”"),
        (doc({"type": ["a"]}), "something unknown"),
        (doc("x"), "something unknown"),
        (doc(paragraph(text("x", {"type": "textStyle"}))), "“textStyle”"),
        (doc(paragraph(text("x" * 100_000))), TOO_LARGE),
    ],
)
def test_anything_else_is_refused_with_a_sentence(given, sentence):
    with pytest.raises(Invalid) as refused:
        written("x", given)
    assert sentence in refused.value.detail


def test_what_lies_too_deep_is_refused():
    node = paragraph(text("x"))
    for _ in range(25):
        node = {"type": "blockquote", "content": [node]}
    with pytest.raises(Invalid, match=TOO_DEEP):
        written("", doc(node))


def test_a_text_behind_a_document_keeps_its_formatting():
    made = json.loads(appended(doc(paragraph(text("b", BOLD))), "one\ntwo\n\nthree"))
    assert made["content"][0] == paragraph(text("b", BOLD))
    assert made["content"][1:] == [
        paragraph(text("one"), {"type": "hardBreak"}, text("two")),
        paragraph(text("three")),
    ]
    assert appended(doc(paragraph(text("plain"))), "x") == appended("{", "x") == ""
