"""What persons are called."""

import pytest

from parley.people.persons.rules.names import (
    display_name,
    email_of,
    is_placeholder_id,
    search_name_of,
)


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"name": "Zoe", "email": "zoe@example.com"}, "zoe@example.com"),
        ({"Name": "Zoe", "username": "z"}, "Zoe"),
        ({"email": "  ", "UserName": "z"}, "z"),
        ({"email": None, "name": {"first": "Zoe"}}, "first id"),
        ({"email": True}, "first id"),
        ({"username": 7}, "7"),
        ({}, "first id"),
    ],
)
def test_the_first_telling_property_is_the_name(properties, name):
    assert display_name(properties, ["first id", "second id"]) == name


def test_somebody_without_anything_has_an_empty_name():
    assert display_name({}, []) == ""


@pytest.mark.parametrize(
    ("value", "email"),
    [
        (" Zoe@Example.COM ", "zoe@example.com"),
        ("x" * 254, "x" * 254),
        ("x" * 255, None),
        ("  ", None),
        (7, None),
        (["a@b.c"], None),
        (None, None),
    ],
)
def test_only_a_text_of_usable_length_is_an_email_address(value, email):
    assert email_of({"email": value}) == email


def test_the_name_for_searches_is_no_email_address():
    assert search_name_of({"email": "a@b.c", "name": " Zoë Q "}) == "zoë q"
    assert search_name_of({"email": "a@b.c"}) is None


@pytest.mark.parametrize(
    "distinct_id", ["ANONYMOUS", "guest", "NaN", "none", "None", "0", "", " ", "true", "Undefined"]
)
def test_ids_that_name_nobody_are_illegal(distinct_id):
    assert is_placeholder_id(distinct_id)


@pytest.mark.parametrize("distinct_id", ["nan", "NONE", "00", "user-1", "anonymous-7", "Null"])
def test_other_ids_are_legal(distinct_id):
    assert not is_placeholder_id(distinct_id)
