"""How times and names read."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.web.formats import ago, clock_time, initials, past

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=25), "1 d"),
        (timedelta(days=400), "1 y"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_a_time_reads_as_how_long_ago_it_was(gap, words):
    assert ago(NOW - gap, NOW) == words


def test_within_a_sentence_a_time_says_that_it_is_past():
    assert [past(NOW - timedelta(minutes=n), NOW) for n in (0, 5, -5)] == ["now", "5 min ago", "now"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("ada@example.com", "A"),
        ("grace.m.hopper@x.test", "GH"),
        ("<b>", "?"),
        ("", "?"),
        ("李 雷", "李雷"),
    ],
)
def test_a_person_without_a_picture_has_letters(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:00"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03"), (-5, "0:00")]
)
def test_a_duration_reads_as_on_the_clock_of_a_player(seconds, words):
    assert clock_time(seconds) == words
