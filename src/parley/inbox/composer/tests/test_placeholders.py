"""Placeholders: which are filled, and which are found again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.inbox.composer.placeholders import filled, filled_document, unfilled

VALUES = {"person.name": "Maria", "ticket.number": "42", "ticket.subject": ""}


@pytest.mark.parametrize(
    ("text", "shown", "left"),
    [
        ("Dear {{person.name}}, #{{ ticket.number }}", "Dear Maria, #42", []),
        ("{{Person.Name}}", "Maria", []),
        ("About {{ticket.subject}}", "About {{ticket.subject}}", ["{{ticket.subject}}"]),
        ("{{nobody}} {{nobody}} {{a.b}}", "{{nobody}} {{nobody}} {{a.b}}", ["{{nobody}}", "{{a.b}}"]),
        ("{{{person.name}}}", "{Maria}", []),
        ("{{ }} {person.name} {{ {{{}}", "{{ }} {person.name} {{ {{{}}", []),
        ("{{#if a}} {{4711.id}}", "{{#if a}} {{4711.id}}", ["{{#if a}}", "{{4711.id}}"]),
    ],
)
def test_what_is_known_is_filled_and_the_rest_is_found(text, shown, left):
    assert filled(text, VALUES) == shown
    assert unfilled(shown) == left


@given(st.text(alphabet="{}ab. \n", max_size=60))
def test_a_value_is_never_filled_again(value):
    assert filled("{{a}}|{{b}}", {"a": value, "b": "B"}) == f"{value or '{{a}}'}|B"


def test_documents_are_filled_in_their_texts_only():
    text = {
        "type": "text",
        "text": "{{person.name}}",
        "marks": [{"type": "link", "attrs": {"href": "{{person.name}}"}}],
    }
    document: dict[str, Any] = {"type": "doc", "content": [{"type": "paragraph", "content": [text]}, 7]}
    made = filled_document(document, VALUES)
    assert made["content"][0]["content"][0] == {**text, "text": "Maria"}
    assert made["content"][1] == 7 and document["content"][0]["content"][0] is text
