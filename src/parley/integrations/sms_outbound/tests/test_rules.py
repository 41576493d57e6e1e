"""How a text is cut, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.integrations.sms_outbound.rules.states import (
    delivery_status,
    held_for,
    is_news,
    state_of_callback,
)
from parley.integrations.sms_outbound.rules.texts import MOST_PARTS, parts_of, text_of


@given(st.text(st.sampled_from("ab \n😀"), max_size=4000))
def test_no_word_is_lost_and_no_part_is_too_long(text):
    parts = parts_of(text)
    assert parts is not None and len(parts) <= MOST_PARTS
    assert all(len(one.encode("utf-16-le")) // 2 <= 1600 for one in parts)
    whole = "".join(one.split(") ", 1)[1] for one in parts) if len(parts) > 1 else "".join(parts)
    assert "".join(whole.split()) == "".join(text.split())


def test_links_to_files_stand_below_the_text():
    assert text_of(" Here\r\nit is ", ["https://a.example/1"]) == "Here\nit is\nhttps://a.example/1"
    assert text_of("", ["https://a.example/1"]) == "https://a.example/1"
    assert parts_of("x" * 20_000) is None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], None),
        (["cancelled"], None),
        (["waiting", "sent"], "sending"),
        (["held"], "sending"),
        (["sent", "delivered"], "sent"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "failed", "waiting"], "failed"),
    ],
)
def test_an_answer_is_as_far_as_its_slowest_part(states, expected):
    assert delivery_status(states) == expected


@pytest.mark.parametrize(
    ("before", "status", "is_new"),
    [
        ("sending", "queued", True),
        ("sent", "delivered", True),
        ("sent", "sent", False),
        ("delivered", "sent", False),
        ("delivered", "failed", False),
        ("sent", "undelivered", True),
        ("failed", "delivered", True),
        ("failed", "sent", False),
        ("cancelled", "delivered", False),
        ("waiting", "delivered", True),
    ],
)
def test_reports_come_in_any_order(before, status, is_new):
    after = state_of_callback(status)
    assert after is not None and is_news(before, after) is is_new


@pytest.mark.parametrize(
    ("to_number", "of_project", "held", "expected"),
    [
        (0, 0, (), None),
        (2, 2, (), "number_limit"),
        (0, 5, (), "project_limit"),
        (0, 0, ("number_limit",), "behind_held"),
        (0, 0, ("project_limit",), "project_limit"),
    ],
)
def test_the_brake_counts_an_hour(to_number, of_project, held, expected):
    settings = {"sms_limit_per_number": 2, "sms_limit_per_project": 5}
    found = held_for(settings, to_number=to_number, of_project=of_project, held=frozenset(held), n_new=1)
    assert found == expected
