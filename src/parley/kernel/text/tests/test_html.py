"""The sanitiser: text becomes safe HTML, addresses become links, and nothing else becomes anything."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from parley.kernel.text.html import (
    MAX_LINKS,
    _without_punctuation,
    linked,
    safe_url,
)
from tests.plain_browser import read_html

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    '"><iframe src=javascript:alert(1)>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    'https://x.test/" onmouseover="alert(1)',
    "https://x.test/'onclick='alert(1)",
    "https://x.test/<script>alert(1)</script>",
    "https://bank.test@evil.test/",
    "<b>bold</b> & <i>more</i> &lt;p&gt;",
    "\u202ehttps://x.test/txt.exe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    page = read_html(linked(text))
    assert {found.tag for found in page.walk()} <= {"a"}
    assert "".join(_words(page)) == text
    for link in page.all("a"):
        assert set(link.attributes) == {"href", "target", "rel"}
        assert link["href"].startswith(("https://", "http://")) and "@" not in link["href"]


def _words(element):
    for child in element.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _words(child)


# No message holds a NUL, and every browser reads the two ends of a line as one.
@given(some.text(some.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])))
def test_whatever_somebody_writes_reads_as_they_wrote_it(text):
    assert "".join(_words(read_html(linked(text)))) == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://x.test/a.", "https://x.test/a"),
        ("(https://x.test/a)", "https://x.test/a"),
        ("https://x.test/a_(b)", "https://x.test/a_(b)"),
        ("HTTP://X.test/?a=1&b=2!", "HTTP://X.test/?a=1&b=2"),
        ("**https://x.test/a**", "https://x.test/a"),
    ],
)
def test_an_address_becomes_a_link_without_what_ends_the_sentence(text, address):
    link = read_html(linked(text)).one("a")
    assert link["href"] == link.text == address
    assert {"noopener", "nofollow"} <= set(link["rel"].split())


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "//x.test",
        "/local",
        "",
        None,
        5,
        "https://",
        "https://a@b.test",
        "http://[",
        "ftp://x.test",
    ],
)
def test_only_plain_web_addresses_may_become_links(text):
    assert safe_url(text) is None


STRANGE = [
    "https://" + ")" * 500,
    "https://" + "a)" * 500,
    "https://a" + "([{" * 300 + ")]}" * 300,
    "https://" + "*_.,;:!?" * 200,
    "http://" * 300,
    "http://a " * 300,
    "https://a@" * 300,
    "http://[" * 300,
    "<>&\"'" * 300,
    "h" * 1000 + "ttp",
    "https" * 500,
    "<a href=" * 300,
    "\u202e\u0300" * 500,
]


class CountedText(str):
    """A text that counts how many of its letters are looked at by what Python code calls on it."""

    letters = 0

    def count(self, *given: Any) -> int:
        CountedText.letters += len(self)
        return super().count(*given)

    def __getitem__(self, key: Any) -> "CountedText":
        found = CountedText(super().__getitem__(key))
        CountedText.letters += len(found)
        return found


def work_for(text: str) -> int:
    """Return how many lines of Python run, and how many letters they copy or count, to make links of a text."""
    steps = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return trace

    CountedText.letters = 0
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        linked(text)
        _without_punctuation(CountedText(text))
    finally:
        sys.settrace(before)
    return steps + CountedText.letters


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: text[:12])
def test_four_times_the_text_is_four_times_the_work(text):
    assert work_for(text * 4) <= 4.5 * work_for(text) + 200


def test_a_text_of_thousands_of_addresses_has_some_links_and_all_its_words():
    text = "http://a.test/ " * 1000
    page = read_html(linked(text))
    assert "".join(_words(page)) == text
    assert len(list(page.all("a"))) == MAX_LINKS
