"""What user agents are called."""

import pytest

from parley.accounts.sessions.rules import browser_of

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("Okta SCIM Client 1.0.0", "Okta SCIM Client"),
        ("<script>", "An unknown program"),
        ("1" * 300, "An unknown program"),
        ("", "An unknown program"),
        ("Something on Linux", "A browser on Linux"),
    ],
)
def test_people_recognize_their_browsers(user_agent, name):
    assert browser_of(user_agent) == name
