"""Parts of pages that are kept: shown again for the same values only, and never more than so many."""

from itertools import count

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup

from parley.web.fragments import LONGEST_KEPT, MOST_KEPT, Fragments

TEMPLATES = {"name.html": "<b>{{ name }}</b>", "shell.html": "{{ shell.now }}", "drawn.html": "{{ drawn() }}"}


@pytest.fixture
def environment() -> Environment:
    return Environment(loader=DictLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "<b>Ada</b>"),
        ("<i>", "<b>&lt;i&gt;</b>"),
        (Markup("<i>"), "<b><i></b>"),
        (["HTML", "<i>"], "<b>[&#39;HTML&#39;, &#39;&lt;i&gt;&#39;]</b>"),
        (None, "<b>None</b>"),
        ("None", "<b>None</b>"),
        ("", "<b></b>"),
    ],
)
def test_values_are_shown_as_they_are_whatever_was_shown_before(
    environment: Environment, name: object, shown: str
):
    fragment = Fragments(environment)
    for other in ("<i>", Markup("<i>"), None, "", "Ada", name, "<i>", name):
        fragment("name.html", name=other)
    assert fragment("name.html", name=name) == shown


def test_the_same_values_are_rendered_once_until_others_take_their_place(environment: Environment):
    drawn = count()
    environment.globals["drawn"] = lambda: next(drawn)
    fragment = Fragments(environment)
    assert [fragment("drawn.html", number=0) for _ in range(3)] == ["0"] * 3
    for number in range(1, MOST_KEPT + 1):
        assert fragment("drawn.html", number=number) == str(number)
    assert fragment("drawn.html", number=MOST_KEPT) == str(MOST_KEPT)
    assert fragment("drawn.html", number=0) == str(MOST_KEPT + 1)


def test_what_is_long_is_not_kept(environment: Environment):
    drawn = count()
    environment.globals["drawn"] = lambda: next(drawn)
    fragment = Fragments(environment)
    assert [fragment("drawn.html", text="y" * LONGEST_KEPT) for _ in range(2)] == ["0", "1"]


def test_a_fragment_sees_nothing_but_its_values(environment: Environment):
    with pytest.raises(UndefinedError):
        Fragments(environment)("shell.html", name="Ada")
    with pytest.raises(TypeError, match="can't depend on object"):
        Fragments(environment)("name.html", name=object())
