"""Constants that Hypothesis draws fit, are some of ours, and are found where few of them fit."""

from random import Random
from typing import Any, get_args

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import GLOBAL_CONSTANTS, HypothesisProvider
from hypothesis.internal.intervalsets import IntervalSet

from parley.conversations.tickets.rules import fields

LETTERS = IntervalSet.from_string("abcdefghijklmnopqrstuvwxyz_ ")


def drawn(n: int, **constraints: Any) -> list[Any]:
    provider = HypothesisProvider(ConjectureData(random=Random(1)))
    given: Any = constraints
    return [provider._maybe_draw_constant("string", given, p=1) for _ in range(n)]


def test_constants_fit_and_some_are_of_the_program():
    found = drawn(500, min_size=2, max_size=12, intervals=LETTERS)
    assert all(2 <= len(one) <= 12 and all(letter in LETTERS for letter in one) for one in found)
    assert {one in GLOBAL_CONSTANTS.strings for one in found} == {True, False}
    assert len(set(found)) > 100


def test_the_few_that_fit_are_found():
    assert "on_hold" in get_args(fields.Status)
    found = drawn(50, min_size=7, max_size=7, intervals=IntervalSet.from_string("on_hld"))
    assert set(found) == {"on_hold"}


def test_none_is_drawn_where_none_fits():
    assert drawn(5, min_size=300, max_size=300, intervals=IntervalSet.from_string("z")) == [None] * 5
