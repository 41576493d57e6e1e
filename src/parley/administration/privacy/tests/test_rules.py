"""Where identifiers occur, and what is left of a value without them."""

import pytest

from parley.administration.privacy.rules import Identifiers

ADA = Identifiers(frozenset({"ada", "0195f0e4"}), frozenset({"ada@example.com"}))


@pytest.mark.parametrize(
    ("value", "occurs"),
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
def test_an_identifier_is_a_whole_text(value, occurs):
    assert ADA.occur_in(value) is occurs


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
def test_identifiers_are_removed_from_a_value(value, left):
    assert ADA.removed_from(value) == left
    assert not ADA.occur_in(ADA.removed_from(value))


def test_identifiers_take_more_ids():
    assert ADA.with_ids([7]).occur_in(["7"]) and not ADA.occur_in(["7"])
