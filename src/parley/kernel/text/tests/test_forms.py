"""Normal forms of Unicode in linear time: the same as Python's own, whatever marks somebody piles up."""

import functools
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as some

import parley
from parley.accounts.passwords.rules import normal_password
from parley.kernel.network.emails import normal_email
from parley.kernel.text import forms
from parley.kernel.text.forms import (
    HIDDEN_MARKS,
    HIDDEN_MARKS_K,
    LAST_MARK,
    Form,
    folded,
    normal_name,
    normalized,
)
from parley.kernel.text.html import safe_url
from parley.people.persons.rules.names import email_of, search_name_of

FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")


def every() -> Iterator[str]:
    """Yield every letter that there may be; a list of them would take 90 MB."""
    return (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)


# Looked for where they are needed: each worker would do it while it collects.
@functools.cache
def marks() -> list[str]:
    return [letter for letter in every() if unicodedata.combining(letter)]


@some.deferred
def letters() -> some.SearchStrategy[str]:
    composed = [letter for letter in every() if unicodedata.decomposition(letter)]
    return some.sampled_from([*marks(), *composed, *"aeiouK", *map(chr, HIDDEN_MARKS_K)])


PILES = [
    "\u0315\u0300",
    "\u0300\u0315",
    "\u0f73",
    "\u0f75\u0f81",
    "\uff9e\u0301",
    "\u0344\u0316",
    "\u1e69\u0316",
    "\u0345\u0300",
    "\u0301\u00ad\u0316",
    "\u0301\ufe00\u0316",
]


@pytest.mark.parametrize("form", FORMS)
def test_single_letters_have_their_normal_form(form):
    others = [one for one in every() if normalized(form, one) != unicodedata.normalize(form, one)]
    assert others == []


@given(some.text(letters))
def test_normal_forms_are_those_of_python(words):
    for form in FORMS:
        assert normalized(form, words) == unicodedata.normalize(form, words)


def test_the_tables_are_those_of_this_python():
    assert chr(LAST_MARK) == marks()[-1] and marks()[0] >= "\u0300"
    tables: list[tuple[Form, dict[int, str]]] = [("NFD", HIDDEN_MARKS), ("NFKD", HIDDEN_MARKS_K)]
    for form, table in tables:
        parts = {one: unicodedata.normalize(form, one) for one in every() if not unicodedata.combining(one)}
        hidden = {ord(one): found for one, found in parts.items() if unicodedata.combining(found[0])}
        assert hidden == table


def steps_of_sorting(form, words):
    """Return how often Python's insertion would move a mark to sort the marks of each letter."""
    n_steps, waiting = 0, list[int]()
    parts = {one: unicodedata.normalize(form.replace("C", "D"), one) for one in set(words)}
    for mark in map(unicodedata.combining, "".join(map(parts.__getitem__, words))):
        if not mark:
            waiting = []
            continue
        place = len(waiting)
        while place and waiting[place - 1] > mark:
            place -= 1
            n_steps += 1
        waiting.insert(place, mark)
    return n_steps


@pytest.mark.parametrize("pile", PILES)
@pytest.mark.parametrize(
    "use", [folded, normal_name, normal_password, normal_email, lambda words: normalized("NFC", words)]
)
def test_marks_are_sorted_before_python_would_insert_each(use, pile, monkeypatch):
    n_steps = 0

    def normalize(form, words):
        nonlocal n_steps
        n_steps += steps_of_sorting(form, words)
        return unicodedata.normalize(form, words)

    monkeypatch.setattr(
        forms,
        "unicodedata",
        SimpleNamespace(normalize=normalize, combining=unicodedata.combining, category=unicodedata.category),
    )
    words = "a" + pile * 1000
    use(words)
    assert n_steps <= 4 * len(words)
    assert steps_of_sorting("NFKD", "a" + "\u0315\u0300" * 1000) > 100_000  # what it would be


def test_nothing_else_asks_python_for_a_normal_form():
    found = [
        path
        for path in Path(parley.__path__[0]).rglob("*.py")
        if "tests" not in path.parts and "unicodedata.normalize(" in path.read_text()
    ]
    assert [path.name for path in found] == ["forms.py"]


def test_of_a_captured_name_only_the_beginning_is_read():
    endless = "Ada " + "\u0315\u0300" * 200_000
    assert (search_name_of({"name": endless}) or "").startswith("ada")
    assert email_of({"email": f"ada@{endless}"}) is None
    assert email_of({"email": "ADA@example.com"}) == "ada@example.com"


@pytest.mark.parametrize("host", ["x" * 301, "\u0315\u0300" * 400])
def test_a_host_of_endless_length_is_no_link(host):
    assert safe_url(f"https://{host}/") is None
    assert safe_url(f"https://example.com/?{host}") is not None
