"""Mail that no person wrote to us, and that nothing may be answered to by itself (RFC 3834 2).

The code of the first row that fits is the reason. `auto_replied`, `auto_submitted`, `auto_reply`, `null_sender`, `daemon`
and the reports are answers of machines. `bulk`, `list`, `suppressed` and `no_reply` may well come from a customer, through
a list or a shop.
"""

import re
from collections.abc import Callable

from parley.email.parsing.headers import MailHeader

AUTO_REPLY_FIELDS = (
    *(
        "x-autoreply",
        "x-auto-reply",
        "x-autorespond",
        "x-autoresponder",
        "x-autoreply-from",
        "x-auto-reply-from",
    ),
    *(
        "x-mail-autoreply",
        "x-fc-machinegenerated",
        "x-cron-env",
        "x-ebay-mailtracker",
        "x-opsgenie-messageid",
    ),
)
LIST_FIELDS = ("list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe", "list-owner")
DAEMONS = {
    "mail delivery system",
    "mail delivery subsystem",
    "mail deliver system",
    "mail.delivery.system",
    "post_master",
    "mailer-daemon",
    "mail-daemon",
    "postmaster",
    "mailerdaemon",
    "double-bounce",
}
NO_REPLY = re.compile(r"(?:do[-_.]?)?not?[-_.]?reply(?:[-_.+].*)?$|bounces?(?:[-_.+].*)?$", re.IGNORECASE)
SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[- ]?(?:reply|response|responder)|out of (?:the )?office(?: auto-?reply)?|vacation reply|"
    r"automatische antwort|abwesenheitsnotiz|réponse automatique|absence du bureau|respuesta automática|"
    r"risposta automatica|fuori sede|automatisch antwoord|afwezig|resposta automática|autosvar|automatiskt svar|"
    r"automaattinen vastaus|automatyczna odpowiedź|automatická odpověď|автоматический ответ|автоответ|"
    r"自动回复|自動回覆|自動応答|不在通知)\s*(?:[:：]|$)",
    re.IGNORECASE,
)
REPORTS = {
    "delivery-status": "delivery_report",
    "disposition-notification": "read_report",
    "feedback-report": "feedback_report",
}


def automatic_reason(
    header: MailHeader, *, report_type: str, return_path: str | None, sender: str, subject: str
) -> str | None:
    """Return why a mail counts as automatic, or None for one that a person wrote."""
    if report_type in REPORTS:
        return REPORTS[report_type]
    for reason, fits in RULES:
        if fits(header):
            return reason
    return _by_sender(return_path, sender, subject)


def _by_sender(return_path: str | None, sender: str, subject: str) -> str | None:
    local = sender.partition("@")[0].lower()
    if local in DAEMONS:
        return "daemon"
    if return_path == "":
        return "null_sender"
    if SUBJECT.match(subject):
        return "auto_reply"
    return "no_reply" if NO_REPLY.match(local) else None


def _is_auto_replied(header: MailHeader) -> bool:
    return header.token("auto-submitted") == "auto-replied"


def _is_auto_submitted(header: MailHeader) -> bool:
    return header.token("auto-submitted") not in ("", "no")


def _is_auto_reply(header: MailHeader) -> bool:
    return (
        any(header.first(name).strip() for name in AUTO_REPLY_FIELDS) or _precedence(header) == "auto_reply"
    )


def _is_suppressed(header: MailHeader) -> bool:
    return header.token("x-auto-response-suppress") not in ("", "none")


def _is_list(header: MailHeader) -> bool:
    return _precedence(header) == "list" or any(header.first(name) for name in LIST_FIELDS)


def _is_bulk(header: MailHeader) -> bool:
    return _precedence(header) in ("bulk", "junk")


def _is_loop(header: MailHeader) -> bool:
    return bool(header.first("x-loop"))


def _precedence(header: MailHeader) -> str:
    return header.token("precedence") or header.token("x-precedence")


RULES: tuple[tuple[str, Callable[[MailHeader], bool]], ...] = (
    ("auto_replied", _is_auto_replied),
    ("auto_submitted", _is_auto_submitted),
    ("auto_reply", _is_auto_reply),
    ("loop", _is_loop),
    ("list", _is_list),
    ("bulk", _is_bulk),
    ("suppressed", _is_suppressed),
)
