"""Mails as RFC 5322 wants them, and as nobody can forge them from what is in them."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import dkim  # type: ignore[import-untyped]
import pytest

from parley.email.channels.tests.channels import one_key
from parley.email.letters.composing import Letter, MailedFile, Said, mail_of, references_header, subject_of
from parley.email.letters.signing import SigningKey, signed

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)


def letter(**fields):
    given = {
        "from_name": "Help", "from_email": "help@shop.example", "to": "ada@example.com", "subject": "Order",
        "message_id": "a@shop.example", "at": AT, "said": [Said("Hello", None, "Bob", AT)],
    }  # fmt: skip
    return Letter(**{**given, **fields})


def sent(**fields):
    return message_from_bytes(mail_of(letter(**fields)).as_bytes(), policy=default)


@pytest.mark.parametrize(
    "text",
    ["a\r\nBcc: evil@example.com", "a\nX: y", "a\x00b", "\u2028Bcc: x", "x" * 5000, "Grüße, \u202eSupport"],
)
def test_no_field_makes_another_header(text):
    mail = sent(subject=text, from_name=text)
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert mail["From"].addresses[0].addr_spec == "help@shop.example"
    assert all(len(line) <= 998 for line in mail_of(letter(subject=text)).as_bytes().split(b"\r\n"))


def test_an_encoded_word_that_a_stranger_has_written_makes_no_header_and_no_text():
    word = "=?utf-8?q?=0D=0ABcc=3A_x=40evil.example=0D=0A=0D=0AEvil?="
    files = [MailedFile(word, "text/plain", b"one"), MailedFile("a.png", "image/png", b"two", word)]
    raw = mail_of(
        letter(
            subject=word,
            from_name=word,
            in_reply_to=f"{word}@x",
            references=[f"{word}@x", "b@x"],
            files=files,
        )
    ).as_bytes()
    mail = message_from_bytes(raw)
    assert (mail["References"], mail["In-Reply-To"], mail["Bcc"]) == ("<b@x>", None, None)
    assert len(list(mail.walk())) == 6
    assert b"\nBcc" not in raw and b"\nEvil" not in raw


def test_ids_stand_on_the_lines_of_their_names_and_everything_is_seven_bit():
    raw = mail_of(
        letter(message_id=f"{'a' * 49}@{'b' * 60}.example", said=[Said("Grüße 雪", None, "B", AT)])
    ).as_bytes()
    assert b"\r\nMessage-ID: <aaa" in raw and raw.isascii()


@pytest.mark.parametrize("length", [10, 150, 300, 900])
def test_long_ids_and_addresses_are_never_encoded(length):
    id, url = f"{'i' * length}@example.com", f"https://support.example.com/{'u' * length}"
    given = {"in_reply_to": id, "references": [id, "b@example.com"], "unsubscribe_url": url}
    raw = mail_of(letter(**given)).as_bytes()
    assert b"=?" not in raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    mail = message_from_bytes(raw)
    assert (mail["In-Reply-To"], mail["List-Unsubscribe"]) == (f"<{id}>", f"<{url}>")
    assert mail["References"].split() == [f"<{id}>", "<b@example.com>"]


def test_an_id_that_is_not_ascii_still_goes_out():
    assert mail_of(letter(in_reply_to="ü@example.com")).as_bytes().isascii()


@pytest.mark.parametrize(
    ("stored", "is_reply", "subject"),
    [
        ("Order", False, "Order"),
        ("Order", True, "Re: Order"),
        ("RE: Order", True, "RE: Order"),
        (None, True, "Re: Your support request"),
        ("  ", False, "Your support request"),
    ],
)
def test_a_reply_says_so_once(stored, is_reply, subject):
    assert subject_of(stored, is_reply=is_reply) == subject


def test_of_too_many_ids_the_first_and_the_latest_are_named():
    ids = [f"{n:04d}.{'x' * 40}@example.com" for n in range(500)]
    named = references_header(ids).split()
    assert (named[0], named[-1]) == (f"<{ids[0]}>", f"<{ids[-1]}>") and len(" ".join(named)) <= 4000


def test_inline_files_are_related_to_the_html_and_others_attached():
    files = [MailedFile("i.png", "image/png", b"1", "c1"), MailedFile("ü.txt", "text/plain", b"2")]
    mail = sent(files=files)
    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == "ü.txt"
    [inline] = [part for part in mail.walk() if part["Content-ID"]]
    assert inline["Content-ID"] == "<c1>" and inline.get_content() == b"1"


HELD = {"cc": ["c@example.com"], "reply_to": "team@in.example", "unsubscribe_url": "https://x.example/u"}


@pytest.mark.parametrize(
    "fields", [{}, HELD, {"said": [Said("a \t b  \n\n\n", None, "B", AT)]}, {"references": ["r@x"] * 3}]
)
def test_another_library_accepts_the_signature_and_no_change_after_it(fields):
    raw = signed(
        mail_of(letter(**fields)).as_bytes(), SigningKey("shop.example", "s1", one_key().private_key), AT
    )

    def record(name, timeout=5):
        return (
            f"v=DKIM1; k=rsa; p={one_key().public_key}".encode()
            if name == b"s1._domainkey.shop.example."
            else b""
        )

    assert dkim.verify(raw, dnsfunc=record)
    for changed in (
        raw.replace(b"Order", b"Ordre"),
        raw.replace(b"ada@", b"eve@"),
        b"Subject: Other\r\n" + raw,
        b"Reply-To: eve@example.com\r\n" + raw,
        raw.replace(b"</p>", b"!</p>"),
        raw.replace(b"https://x.example/u", b"https://evil.example/u") if fields is HELD else b"",
    ):
        assert not changed or not dkim.verify(changed, dnsfunc=record)
