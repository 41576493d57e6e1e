"""Who wrote, whether a machine did, and what bounced."""

import pytest

from parley.email.parsing.mail import parse_mail
from parley.email.parsing.schemas import ParsedMail

LIST = "From: 'Ada' via Support <support@lists.example>\r\n"


def mail_with(header: str, body: str = "Hello") -> ParsedMail:
    return parse_mail(f"{header}\r\n\r\n{body}".encode())


@pytest.mark.parametrize(
    ("header", "sender", "told_by"),
    [
        ("From: Ada <ada@example.com>", ("Ada", "ada@example.com"), "from"),
        (LIST + "X-Original-From: A <ada@example.com>\r\nReply-To: b@c.de", ("A", "ada@example.com"), "x-original-from"),
        (LIST + "X-Original-Sender: ada@example.com", ("Ada", "ada@example.com"), "x-original-sender"),
        (LIST + "Reply-To: ada@example.com", ("Ada", "ada@example.com"), "reply-to"),
        (LIST, ("'Ada' via Support", "support@lists.example"), "from"),
        ("From: Ada <ada@example.com>\r\nReply-To: b@example.com", ("Ada", "ada@example.com"), "from"),
        ("From: a@example.com, b@example.com", ("", "a@example.com"), "from"),
        ("From: a@example.com\r\nFrom: b@example.com", ("", "a@example.com"), "from"),
        ("From: Team: a@example.com;", ("", "a@example.com"), "from"),
        ("From: Ada\r\nSender: s@example.com", ("Ada", "s@example.com"), "sender"),
        ("Reply-To: r@example.com", ("", "r@example.com"), "reply-to"),
        ("Subject: nobody", ("", ""), "from"),
    ],
)  # fmt: skip
def test_the_sender_is_found(header: str, sender: tuple[str, str], told_by: str) -> None:
    mail = mail_with(header)
    assert ((mail.from_name, mail.from_address), mail.sender_from) == (sender, told_by)


def test_addresses_of_delivery_come_before_those_that_the_sender_wrote() -> None:
    mail = mail_with(
        "Delivered-To: d@example.com\r\nX-Original-To: x@example.com\r\nEnvelope-To: e@example.com\r\n"
        "Received: by mx for <r@example.com>; Mon, 2 Nov 2026 10:00:00 +0000\r\nTo: t@example.com\r\nCc: c@example.com"
    )
    assert mail.delivered_to == tuple(f"{letter}@example.com" for letter in "dexrtc")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("From: ada@example.com", None),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: auto-replied (vacation)", "auto_replied"),
        ("AUTO-SUBMITTED: Auto-Generated", "auto_submitted"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: list", "list"),
        ("Precedence: auto_reply", "auto_reply"),
        ("Precedence: first-class", None),
        ("List-Id: <x.example.com>", "list"),
        ("List-Unsubscribe: <mailto:x@example.com>", "list"),
        ("X-Auto-Response-Suppress: All", "suppressed"),
        ("X-Auto-Response-Suppress: None", None),
        ("X-Autoreply: yes", "auto_reply"),
        ("X-Loop: x", "loop"),
        ("Return-Path: <>\r\nFrom: ada@example.com", "null_sender"),
        ("Return-Path: <ada@example.com>\r\nFrom: ada@example.com", None),
        ("From: MAILER-DAEMON@example.com", "daemon"),
        ("From: no-reply@example.com", "no_reply"),
        ("From: noreply+x@example.com", "no_reply"),
        ("From: norepath@example.com", None),
        ("From: ada@example.com\r\nSubject: Automatic reply: your question", "auto_reply"),
        ("From: ada@example.com\r\nSubject: Abwesenheitsnotiz: Frage", "auto_reply"),
        ("From: ada@example.com\r\nSubject: Out of office hours?", None),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=b", None),
    ],
)
def test_mail_of_machines_is_told_apart(header: str, reason: str | None) -> None:
    assert mail_with(header).automatic == reason


REPORT = """From: MAILER-DAEMON@mx.example.com
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It didn't work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

{recipients}
--b
Content-Type: text/rfc822-headers

Message-ID: <ours.1@example.com>
Subject: Our answer

--b--
"""
FAILED = "Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no user\n"
LATE = "Final-Recipient: rfc822; bob@example.com\nAction: delayed\nStatus: 4.4.1\n"
FULL = "Final-Recipient: rfc822; cy@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 full\n"
ARRIVED = "Final-Recipient: rfc822; dan@example.com\nAction: delivered\nStatus: 2.0.0\n"


@pytest.mark.parametrize(
    ("recipients", "kind", "status", "each"),
    [
        (FAILED, "hard", "5.1.1", [("ada@example.com", "hard")]),
        (LATE, "soft", "4.4.1", [("bob@example.com", "soft")]),
        (FULL, "soft", "5.2.2", [("cy@example.com", "soft")]),
        (f"{LATE}\n{FAILED}", "hard", "5.1.1", [("bob@example.com", "soft"), ("ada@example.com", "hard")]),
    ],
)
def test_a_delivery_report_says_who_did_not_get_which_mail(
    recipients: str, kind: str, status: str, each: list[tuple[str, str]]
) -> None:
    bounce = parse_mail(REPORT.format(recipients=recipients).encode()).bounce
    assert bounce is not None
    assert (bounce.kind, bounce.status, bounce.original_message_id) == (kind, status, "ours.1@example.com")
    assert [(recipient.address, recipient.kind) for recipient in bounce.recipients] == each


def test_a_report_of_success_is_automatic_and_no_bounce() -> None:
    mail = parse_mail(REPORT.format(recipients=ARRIVED).encode())
    assert (mail.automatic, mail.bounce) == ("delivery_report", None)


def test_somebody_who_writes_about_a_bounce_is_a_person() -> None:
    mail = mail_with(
        "From: ada@example.com\r\nSubject: Undelivered Mail Returned to Sender",
        "550 5.1.1 for bob@example.com",
    )
    assert (mail.automatic, mail.bounce) == (None, None)
