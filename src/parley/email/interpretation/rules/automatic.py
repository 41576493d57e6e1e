"""What automatic mails are (RFC 3834): reports of mail servers, answers that nobody wrote, or notices of machines."""

from parley.email.parsing.schemas import ParsedMail

REPORTS = frozenset(("delivery_report", "daemon"))
ANSWERS = frozenset(("auto_replied", "auto_reply", "read_report"))
ANSWERS_IN_A_THREAD = frozenset(("auto_submitted", "null_sender"))
"""A shop's notice about an order is no answer to anything; a notice of absence is."""
NOT_WRITTEN = REPORTS | ANSWERS | ANSWERS_IN_A_THREAD | {"feedback_report"}
"""Others, such as those of lists, may well be written by a customer."""


def is_report(mail: ParsedMail) -> bool:
    """Say whether a mail server says what became of a mail of ours."""
    return mail.bounce is not None or mail.automatic in REPORTS


def is_auto_reply(mail: ParsedMail) -> bool:
    """Say whether a machine answers: that a mail has arrived, was read, or that somebody is away."""
    names_a_mail = bool(mail.in_reply_to or mail.references)
    return mail.automatic in ANSWERS or (mail.automatic in ANSWERS_IN_A_THREAD and names_a_mail)


def is_written(mail: ParsedMail) -> bool:
    """Say whether a person has written a mail, as far as its header tells."""
    return mail.automatic not in NOT_WRITTEN
