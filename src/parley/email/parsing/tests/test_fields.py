"""Fields of headers: what people and servers write, and what it says."""

from datetime import UTC, datetime

import pytest

from parley.email.parsing.mail import parse_mail


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (b"Hello", "Hello"),
        (b"=?utf-8?B?w4RyZ2Vy?=", "Ärger"),
        (b"=?iso-8859-1?q?=C4rger_mit?= =?iso-8859-1?q?_Rechnung?=", "Ärger mit Rechnung"),
        (b"=?utf-8?B?w4Q=?=\r\n =?utf-8?B?w5Y=?=", "ÄÖ"),
        (b"=?utf-8?Q?=C3?= =?utf-8?Q?=84rger?=", "Ärger"),
        (b"Re: =?utf-8?Q?What?? Really?=!", "Re: What?? Really!"),
        (b"=?no-such-charset?Q?abc?=", "abc"),
        (b"=?utf-8?B?dGVzdA?=", "test"),
        ("Übung".encode(), "Übung"),
        ("Übung".encode("cp1252"), "Übung"),
        (b"=?utf-8?Q?=00=1B[31mred?=", "\ufffd [31mred"),
        (b"=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"),
        (b"a\r\n\tb\r\n  c", "a b c"),
        (b"", ""),
    ],
)
def test_a_subject_is_read_however_it_is_encoded(value: bytes, subject: str) -> None:
    assert parse_mail(b"Subject: " + value + b"\r\n\r\nx").subject == subject


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ada@example.com", [("", "ada@example.com")]),
        ("Ada <ada@EXAMPLE.com>", [("Ada", "ada@example.com")]),
        ('"Lovelace, Ada" <ada@example.com>, b@example.com', [("Lovelace, Ada", "ada@example.com"), ("", "b@example.com")]),
        ("Lovelace, Ada <ada@example.com>", [("Lovelace, Ada", "ada@example.com")]),
        ("ada@example.com (Ada (the first))", [("Ada (the first)".replace("(", "").replace(")", ""), "ada@example.com")]),
        ("Team: a@example.com, B <b@example.com>;", [("", "a@example.com"), ("B", "b@example.com")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?=C3=84da,_L?= <ada@example.com>", [("Äda, L", "ada@example.com")]),
        ('"=?utf-8?Q?=C3=84da?=" <ada@example.com>', [("Äda", "ada@example.com")]),
        ("=?utf-8?Q?ada=40example.com?=", [("", "ada@example.com")]),
        ("<@relay.example,@b.example:ada@example.com>", [("", "ada@example.com")]),
        ("a@example.com; b@example.com", [("", "a@example.com"), ("", "b@example.com")]),
        ("mailto:ada@example.com", [("", "ada@example.com")]),
        ("'ada@example.com' <ada@example.com>", [("ada@example.com", "ada@example.com")]),
        ("Ada ada@example.com", [("Ada", "ada@example.com")]),
        ("<>", []),
        ("MAILER-DAEMON", []),
        ("a@b@c", []),
        ("Ädä <ädä@exämple.com>", [("Ädä", "ädä@exämple.com")]),
    ],
)  # fmt: skip
def test_addresses_are_found_however_they_are_written(value: str, found: list[tuple[str, str]]) -> None:
    mail = parse_mail(f"To: {value}\r\n\r\nx".encode())
    assert [(address.name, address.address) for address in mail.to] == found


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x> <b@x>", ("a@x", "b@x")),
        ("<a@x>,<b@x>", ("a@x", "b@x")),
        ("<a@x>\r\n\t<b@x>", ("a@x", "b@x")),
        ("a@x, b@x", ("a@x", "b@x")),
        ('Your message of "Mon" <a@x>', ("a@x",)),
        ("<a@x> <a@x>", ("a@x",)),
        ("<a\r\n b@x>", ("ab@x",)),
        ("<no-at-sign>", ("no-at-sign",)),
        ("<>", ()),
    ],
)
def test_references_are_found_however_they_are_written(value: str, ids: tuple[str, ...]) -> None:
    assert parse_mail(f"References: {value}\r\n\r\nx".encode()).references == ids


def test_of_very_many_references_the_first_and_the_last_stay() -> None:
    value = " ".join(f"<{n}@x>" for n in range(5000))
    found = parse_mail(f"References: {value}\r\n\r\nx".encode()).references
    assert (len(found), found[0], found[-1]) == (1000, "0@x", "4999@x")


RECEIVED = "Received: from a by b; Fri, 27 Nov 2026 10:00:00 +0000\r\n"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("Fri, 27 Nov 2026 10:00:00 +0100", 27),
        ("27 Nov 26 10:00 GMT", 27),
        ("Fri, 27 Nov 2036 10:00:00 +0000", 27),
        ("yesterday", 27),
        ("", 27),
        ("Thu, 26 Nov 2026 10:00:00 -0000 (PST)", 26),
        ("1 Jan 99999999999 00:00:00", 27),
    ],
)
def test_a_mail_without_a_usable_date_has_the_one_of_the_server_that_received_it(
    value: str, day: int
) -> None:
    date = parse_mail(f"{RECEIVED}Date: {value}\r\n\r\nx".encode()).date
    assert date is not None
    assert (date.year, date.day, date.tzinfo) == (2026, day, UTC)


def test_a_mail_that_nothing_dates_has_no_date() -> None:
    assert parse_mail(b"Subject: x\r\n\r\nx").date is None
    assert parse_mail(b"Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nx").date == datetime(
        2026, 11, 27, 10, tzinfo=UTC
    )
