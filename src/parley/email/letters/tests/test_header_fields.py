"""Fields that are written without the library say what the library would have them say."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from parley.email.letters.composing import POLICY
from parley.email.letters.header_fields import PlainHeader

PLAIN = {
    "From": "The Shop 24 <help@shop.example>",
    "To": "ada.l+orders@example.com",
    "Cc": ", ".join(f"someone.with.a.long.address.{n}@example.com" for n in range(30)),
    "Subject": "Re: Order #1001: it's late; refund?",
    "Reply-To": "team-0123456789abcdef0123456789abcdef+11-0123456789@in.shop.example",
    "Date": "Sat, 28 Nov 2026 23:00:00 +0000",
    "Message-ID": "<a.b@shop.example>",
    "References": " ".join(f"<{n}{'x' * 60}@example.com>" for n in range(20)),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_field_is_read_as_the_one_of_the_library(name):
    own, theirs = EmailMessage(policy=POLICY), EmailMessage(policy=SMTP.clone(max_line_length=160))
    own[name] = theirs[name] = PLAIN[name]
    assert isinstance(own[name], PlainHeader)
    read, expected = (message_from_bytes(one.as_bytes(), policy=default)[name] for one in (own, theirs))
    assert str(read) == str(expected) == PLAIN[name]
    assert all(len(line) <= 200 for line in own.as_bytes().split(b"\r\n"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Subject", "=?utf-8?q?a=0D=0ABcc:_b=40c.de?="),
        ("Subject", "Grüße"),
        ("To", '"a b"@example.com'),
        ("To", "=?utf-8?q?a?=@example.com"),
        ("From", "Shop, the <a@b.de>"),
        ("From", "=?utf-8?q?x?= <a@b.de>"),
    ],
)
def test_what_needs_reading_is_left_to_the_library(name, text):
    assert not isinstance(POLICY.header_factory(name, text), PlainHeader)


def test_a_field_holds_no_break_of_a_line():
    message = EmailMessage(policy=POLICY)
    for text in ("a\r\nBcc: b@c.de", "a\nb", "a\rb", "a\x0bb", "a\x85b"):
        with pytest.raises(ValueError):
            message["X-Loop"] = text
        assert message["X-Loop"] is None
