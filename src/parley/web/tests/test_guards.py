"""Where a sign-in may lead."""

import pytest

from parley.web.guards import local_path


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
