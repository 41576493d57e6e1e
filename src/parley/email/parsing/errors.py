"""Why a mail couldn't be read."""

from typing import Literal

NotReadReason = Literal[
    "too_large", "header_too_large", "too_many_parts", "too_deep", "too_slow", "too_much_memory", "crashed"
]

SENTENCES: dict[NotReadReason, str] = {
    "too_large": "The mail is larger than 30 MB.",
    "header_too_large": "The header of the mail, or of one of its parts, is larger than 1 MB or has over 10,000 lines.",
    "too_many_parts": "The mail has more than 1,000 parts.",
    "too_deep": "The parts of the mail are nested more than 50 deep.",
    "too_slow": "Reading the mail took longer than 5 seconds.",
    "too_much_memory": "Reading the mail took more memory than one mail may have.",
    "crashed": "The program that reads mail ended while it read this one.",
}


class MailNotRead(Exception):
    """The mail is beyond a limit. Reading it once more gives the same, save for `crashed` and `too_slow`."""

    def __init__(self, reason: NotReadReason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason: NotReadReason = reason
