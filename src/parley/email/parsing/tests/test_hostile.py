"""Mail that was made to do harm: it is refused by a limit or read in time, whatever it is."""

import base64
import random
import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.limits import MAX_BODY_BYTES, MAX_MAIL_BYTES
from parley.email.parsing.mail import parse_mail
from parley.email.parsing.tests.corpora import files, needs_corpora
from tests.effort import examples

MB = 1024 * 1024


def nested(depth: int) -> bytes:
    heads = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return b"".join(heads) + b"\r\ndeep text"


def zipped() -> bytes:
    content: bytes = b"x" * MB
    for _ in range(5):
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.eml", content)
        content = buffer.getvalue()
    return b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(
        content
    )


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (lambda: b"x" * (MAX_MAIL_BYTES + 1), "too_large"),
        (lambda: b"Subject: " + b"x" * (2 * MB) + b"\r\n\r\nx", "header_too_large"),
        (lambda: b"a: b\r\n" * 20_000 + b"\r\n", "header_too_large"),
        (lambda: b"a: b\r\n c\r\n" * 10_000 + b"\r\n", "header_too_large"),
        (lambda: b"References: " + b"<a@b>\r\n " * 300_000 + b"\r\n\r\n", "header_too_large"),
        (
            lambda: b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 5000,
            "too_many_parts",
        ),
        (
            lambda: b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--xy\r\n" * 1_000_000,
            "too_many_parts",
        ),
        (lambda: nested(5000), "too_deep"),
    ],
    ids=["bytes", "field", "fields", "folds", "references", "parts", "boundaries", "depth"],
)
def test_beyond_a_limit_a_mail_is_refused_with_its_reason(raw: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(MailNotRead) as refused:
        parse_mail(raw())
    assert refused.value.reason == reason


def field(name: str, value: bytes) -> bytes:
    return name.encode() + b": " + value + b"\r\n\r\nx"


BODY = b"Subject: x\r\n\r\n"
BOMBS: dict[str, Callable[[], bytes]] = {  # made when they are read: all of them are 80 MB
    "words": lambda: field("Subject", b"=?a?q?" * 100_000),
    "word starts": lambda: field("Subject", b"=?" * 300_000),
    "long word": lambda: field("Subject", b"=?utf-8?q?" + b"=41" * 300_000 + b"?="),
    "many words": lambda: field("Subject", b"=?utf-8?q?a?= " * 60_000),
    "word spaces": lambda: field("Subject", b"=?a?q?b?=" + b" " * 800_000 + b"x"),
    "punycode": lambda: field("Subject", b"=?punycode?q?" + b"a" * 1000 + b"?="),
    "parentheses": lambda: field("To", b"(" * 500_000),
    "quotes": lambda: field("To", b'"' * 500_001),
    "backslashes": lambda: field("To", b'"' + b"\\" * 500_000),
    "angles": lambda: field("To", b"<" * 500_000),
    "commas": lambda: field("To", b"a," * 300_000),
    "colons": lambda: field("To", b"a:" * 300_000),
    "ats": lambda: field("To", b"@" * 500_000),
    "addresses": lambda: field("To", b"a@example.com," * 70_000),
    "ids": lambda: field("References", b"<a@b>" * 150_000),
    "open ids": lambda: field("References", b"<" * 800_000),
    "date": lambda: field("Date", b"1" * 900_000),
    "date words": lambda: field("Date", b"Mon, " * 100_000),
    "parameters": lambda: field("Content-Type", b"text/plain; " + b"a=b;" * 200_000),
    "quoted parameters": lambda: field("Content-Type", b"text/plain; " + b'a="\\";' * 150_000),
    "sections": lambda: field(
        "Content-Type", b"text/plain" + b"".join(b"; a*%d*=%%41" % n for n in range(50_000))
    ),
    "disposition": lambda: field("Content-Disposition", b'attachment; filename="' + b"a" * 900_000),
    "results": lambda: field("Authentication-Results", b"mx; " + b"(" * 400_000 + b"a=b;" * 50_000),
    "received": lambda: field("Received", b"for " * 200_000),
    "base64": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * (4 * MB),
    "quoted-printable": lambda: b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * (4 * MB),
    "uuencode": lambda: BODY + b"begin 644 a\n" * 80_000,
    "line feeds": lambda: BODY + b"\n" * (4 * MB),
    "one line": lambda: BODY + b"a" * (4 * MB),
    "quotations": lambda: BODY + b"> " * (MAX_BODY_BYTES // 2),
    "wrote": lambda: BODY + b"On 2026 a@b wrote:\n" * 50_000,
    "on": lambda: BODY + b"On " * 300_000,
    "from": lambda: BODY + b"From: a\nTo: b\n" * 70_000,
    "utf-7": lambda: b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+AGE-" * 200_000,
    "flowed": lambda: b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \n" * 300_000,
    "status": lambda: b"Content-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: x\n\n" * 50_000,
    "bounce": lambda: b"From: mailer-daemon@x\r\nSubject: returned mail\r\n\r\n" + b"550 a@b.c " * 100_000,
    "bounce dots": lambda: b"From: mailer-daemon@x\r\nSubject: returned mail\r\n\r\n550 a@" + b"b." * 500_000,
    "zip": lambda: zipped(),
    "html bold": lambda: b"Content-Type: text/html\r\n\r\n" + b"<b>" * 100_000,
    "html quotes": lambda: b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 5_000 + b"x",
    "html comments": lambda: b"Content-Type: text/html\r\n\r\n" + b"<!--" * 200_000,
    "html entities": lambda: b"Content-Type: text/html\r\n\r\n" + b"&#60;" * 100_000,
    "html lists": lambda: b"Content-Type: text/html\r\n\r\n" + b"<ul><li>" * 5_000,
    "html huge": lambda: b"Content-Type: text/html\r\n\r\n" + b"<div>" * MB,
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_take_long_is_read_in_time(name: str) -> None:
    raw = BOMBS[name]()
    started = time.process_time()
    parse_mail(raw)
    assert time.process_time() - started < 3  # a busy machine; alone each takes less than a second


def test_depth_and_parts_within_the_limits_are_read() -> None:
    assert parse_mail(nested(50)).text == "deep text"
    many = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 998
    assert parse_mail(many).text.count("a") == 998


def test_html_that_takes_too_long_can_be_left_aside() -> None:
    raw = b"Content-Type: text/html\r\n\r\n<p>Hello</p>" + b"<div>" * 100_000
    mail = parse_mail(raw, is_html_shown=False)
    assert (mail.text.strip(), mail.html, mail.attachments[0].name) == ("Hello", None, "page.html")


def test_a_body_that_is_too_long_is_cut_and_kept_whole_as_a_file() -> None:
    mail = parse_mail(b"Subject: x\r\n\r\n" + b"word " * MB)
    assert len(mail.body) == MAX_BODY_BYTES
    assert [(file.name, len(file.content)) for file in mail.attachments] == [("text.txt", 5 * MB)]


def test_many_texts_are_cut_together_and_kept_whole() -> None:
    one = b"--x\r\nContent-Type: text/plain\r\n\r\n" + b"word " * 60_000 + b"\r\n"
    mail = parse_mail(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + one * 10 + b"--x--")
    assert MAX_BODY_BYTES <= len(mail.body) < MAX_BODY_BYTES + 100
    assert [len(file.content) for file in mail.attachments] == [300_000] * 7


TOKENS = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b"\r\n\r\n",
            b" ",
            b"\t",
            b":",
            b";",
            b",",
            b"=",
            b'"',
            b"<",
            b">",
            b"(",
            b")",
        ),
        *(b"\0", b"\xff", b"From", b"To", b"Date", b"Subject", b"Message-ID", b"References", b"Content-Type"),
        *(
            b"Content-Disposition",
            b"Content-Transfer-Encoding",
            b"Received",
            b"Return-Path",
            b"Auto-Submitted",
        ),
        *(
            b"Authentication-Results",
            b"multipart/mixed",
            b"multipart/report",
            b"text/html",
            b"message/rfc822",
        ),
        *(
            b"message/delivery-status",
            b"boundary=b",
            b"--b",
            b"--b--",
            b"base64",
            b"quoted-printable",
            b"uuencode",
        ),
        *(
            b"charset=",
            b"utf-16",
            b"idna",
            b"a@b.c",
            b"=?utf-8?q?",
            b"?=",
            b"name*0*=",
            b"utf-8''%41",
            b"begin 644 a",
        ),
        *(
            b"end",
            b"<script>",
            b"<div>",
            b"Final-Recipient",
            b"mailer-daemon@x",
            b"550 5.1.1",
            b"> ",
            b"wrote:",
        ),
        *(b"On 1.1.2026", b"-- ", b"format=flowed", b"Mon, 99 Foo 99999 99:99:99 +9999", b"mx"),
    ]
)


@settings(max_examples=examples(120), deadline=None)
@given(st.one_of(st.lists(TOKENS, max_size=60).map(b"".join), st.binary(max_size=300)))
@example(b"Content-Type: /\r\n\r\n")
@example(b"Date: Mon, 1 Jan 0000 00:00:00 +99999999\r\n\r\n")
def test_any_bytes_are_read(raw: bytes) -> None:
    assert_is_read(raw)


@needs_corpora
def test_real_mail_with_bytes_changed_is_read() -> None:
    dice = random.Random(9)
    for path in files("mikel-mail"):
        raw = bytearray(path.read_bytes() or b" ")
        for _ in range(len(raw) // 50 + 1):
            raw[dice.randrange(len(raw))] = dice.choice(b'\0\r\n:;=<>"?-\xff ')
        assert_is_read(bytes(raw))
        assert_is_read(bytes(raw[: dice.randrange(len(raw))]))


def assert_is_read(raw: bytes) -> None:
    """The mail is read or refused by a limit, and what is read can be stored."""
    try:
        mail = parse_mail(raw)
    except MailNotRead:
        return
    names = " ".join(file.name + file.content_type + (file.content_id or "") for file in mail.attachments)
    ids = " ".join((mail.message_id or "", *mail.in_reply_to, *mail.references))
    people = " ".join(
        found.name + found.address for found in (*mail.header_from, *mail.to, *mail.cc, *mail.reply_to)
    )
    bounce = mail.bounce.diagnostic + mail.bounce.recipients[0].address if mail.bounce else ""
    for text in (mail.subject, mail.body, mail.html or "", mail.from_name, names, ids, people, bounce):
        assert "\0" not in text
        text.encode()
