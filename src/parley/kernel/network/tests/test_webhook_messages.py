"""What a signature covers, what a receiver may ask for, and what of a URL is shown."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from parley.kernel.network import webhook_messages as messages

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), ("0", 0), ("999999999999", 3600), (" 7 ", 7), ("-1", None), ("soon", None), ("", None),
        ("Mon, 05 Jan 2026 12:02:00 GMT", 120), ("Mon, 05 Jan 2026 11:00:00 GMT", 0), ("²", None),
        ("Mon, 05 Jan 2099 12:02:00 GMT", 3600), ("Mon, 99 Foo 2026", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_with_care(text, seconds):
    found = messages.wish_of({"retry-after": text}, NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40))
def test_any_retry_after_is_harmless(text):
    found = messages.wish_of({"retry-after": text}, NOW)
    assert found is None or timedelta() <= found <= messages.LONGEST_WISH


@given(st.text(max_size=200), st.integers(0, 2**33))
def test_each_secret_signs_what_the_reference_would_sign(body, seconds):
    at = datetime.fromtimestamp(seconds, UTC)
    secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]
    body = body.encode("utf-8", "replace").decode()
    headers = messages.signed_headers(secrets, "an id", at, body)
    expected = [Webhook(secret).sign("an id", at, body) for secret in secrets]
    assert headers["webhook-signature"].split() == expected
    assert headers["webhook-timestamp"] == str(seconds)


def test_the_excerpt_of_an_answer_can_be_stored():
    assert messages.excerpt_of(b"a\0b\xff") == "ab\ufffd"
    assert len(messages.excerpt_of("ü".encode() * 5000)) == 1000


@pytest.mark.parametrize(("url", "shown"), [
    ("https://hooks.test", "https://hooks.test"), ("https://hooks.test/", "https://hooks.test/"),
    ("https://hooks.test:8443/services/T024/B1/qX7", "https://hooks.test:8443/services/.../.../..."),
    ("http://a.test/hook?key=1", "http://a.test/hook?..."), ("https://a.test/correcthorse", "https://a.test/..."),
    ("https://user:word@a.test/", "https://a.test/"), ("https://[2001:db8::1]/x#y", "https://[2001:db8::1]/x?..."),
])  # fmt: skip
def test_a_url_is_shown_without_what_may_be_secret(url, shown):
    assert messages.without_secrets(url) == shown
