"""Where a sign-in may lead, and how times and names read."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.web.formats import ago, initials
from parley.web.guards import local_path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/inbox", "/inbox/42?status=open", "/settings/keys", "/"])
def test_a_path_of_this_site_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)", "evil.test",
        "/a\\b", "/a\nb", "/\t/evil.test", "", None, "http:evil.test", "///evil.test", "/[//evil.test",
        "/\ud83d", "/\u202eevil", "/a\u2028", "/" + "x" * 2000,
    ],
)  # fmt: skip
def test_whatever_could_lead_elsewhere_leads_home(path):
    assert local_path(path) == "/inbox" or "evil" not in (path or "").split("/")[1]


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
