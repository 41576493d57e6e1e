"""Whole collections of mail go through: none stops the program, and what is in them is found."""

import pytest

from parley.email.parsing.mail import parse_mail
from parley.email.parsing.tests.corpora import files, needs_corpora

NOT_BOUNCES = ("arf-", "rfc3834-")  # complaints, and people who are away
pytestmark = needs_corpora


def test_every_file_is_read() -> None:
    n_read = 0
    for path in files(""):
        mail = parse_mail(path.read_bytes())
        assert all("\x00" not in text for text in (mail.body, mail.subject, mail.html or ""))
        n_read += 1
    assert n_read > 700


def test_nearly_all_bounces_are_recognised_and_name_the_mail_that_bounced() -> None:
    mails = [
        parse_mail(path.read_bytes()) for path in files("bounces") if not path.name.startswith(NOT_BOUNCES)
    ]
    bounces = [mail.bounce for mail in mails if mail.bounce is not None]
    assert len(bounces) / len(mails) > 0.95
    assert sum(bounce.original_message_id is not None for bounce in bounces) / len(bounces) > 0.85
    assert sum(mail.automatic is not None for mail in mails) / len(mails) > 0.99


def test_complaints_and_absences_are_no_bounces_and_nearly_all_automatic() -> None:
    mails = [parse_mail(path.read_bytes()) for path in files("bounces") if path.name.startswith(NOT_BOUNCES)]
    assert not any(mail.bounce for mail in mails)
    assert sum(mail.automatic is not None for mail in mails) >= len(mails) - 3


def test_ordinary_mail_is_no_answer_of_a_machine() -> None:
    for path in (
        files("mikel-mail/plain_emails") + files("mikel-mail/rfc2822") + files("mikel-mail/mime_emails")
    ):
        mail = parse_mail(path.read_bytes())
        if mail.from_name != "Mail Delivery Subsystem":
            assert mail.bounce is None, path.name
            assert mail.automatic in (None, "bulk", "list", "no_reply"), path.name


@pytest.mark.parametrize(
    ("name", "subject", "text", "files_of_it"),
    [
        ("japanese.eml", "まみむめも", "かきくえこ", []),
        ("japanese_attachment.eml", "testing", "testing", ["てすと.txt"]),
        ("japanese_iso_2022.eml", "まみむめも", "すみません。", []),
        ("japanese_shift_jis.eml", "test", "あいうえお", []),
        ("ks_c_5601-1987.eml", "test", "스티해", []),
        ("utf8_headers.eml", "", "", []),
        ("attachment_nonascii_filename.eml", "", "", ["ciële.txt"]),
        ("attachment_with_quoted_filename.eml", "", "", ["Eelanalüüsi päring.jpg"]),
        ("attachment_with_base64_encoded_name.eml", "", "", ["This is a test.pdf"]),
        ("attachment_message_rfc822.eml", "", "", ["ForwardedMessage.eml"]),
        ("raw_email_with_nested_attachment.eml", "", "", ["truncated.png", "smime.p7s"]),
        ("raw_email7.eml", "", "", ["test.rb", "test.pdf", "smime.p7s"]),
        ("sig_only_email.eml", "", "This is random text", ["signature.asc"]),
    ],
)
def test_mail_in_many_forms_is_readable(name: str, subject: str, text: str, files_of_it: list[str]) -> None:
    mail = parse_mail(files("mikel-mail", name)[0].read_bytes())
    assert mail.subject.startswith(subject)
    assert mail.text.startswith(text)
    assert [file.name for file in mail.attachments] == files_of_it
    assert "\ufffd" not in mail.subject + mail.body
