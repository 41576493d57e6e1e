"""What tells of somebody, and what is left of a value without them."""

import pytest

from parley.administration.privacy.rules import Traces

ADA = Traces(frozenset({"ada", "0195f0e4"}), frozenset({"ada@example.com"}))


@pytest.mark.parametrize(
    ("value", "tells"),
    [
        ("ada", True),
        ("Ada", False),
        ("ADA@Example.com", True),
        ("I am ada", False),
        (None, False),
        (7, False),
        ([], False),
        ({"customer": {"id": ["x", "0195f0e4"]}}, True),
        ({"ada@example.com": 1}, True),
        ({"customer": "bob", "tags": ["adana"]}, False),
    ],
    ids=str,
)
def test_a_value_tells_of_somebody_by_a_whole_text(value, tells):
    assert ADA.are_in(value) is tells


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (["ada@example.com", "bob@example.com"], ["bob@example.com"]),
        ([{"email": "ada@example.com", "name": "Ada"}, {"email": None}], [{"email": None}]),
        ({"status": "open", "distinct_id": "ada", "ada": 1}, {"status": "open", "distinct_id": None}),
        ({"inner": {"who": ["ada"]}, "n": 7}, {"inner": {"who": []}, "n": 7}),
        ("ada", None),
        (False, False),
    ],
    ids=str,
)
def test_somebody_is_taken_out_of_a_value(value, left):
    assert ADA.taken_out_of(value) == left
    assert not ADA.are_in(ADA.taken_out_of(value))


def test_traces_take_more_ids():
    assert ADA.and_ids([7]).are_in(["7"]) and not ADA.are_in(["7"])
