"""Which words of a ticket are its question, and which of its messages is the answer."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

SUBSTANCE = 40
"""An answer of fewer characters is a courtesy, such as "You are welcome!"."""
MOST_OF_QUESTION = 3_000
N_LATEST = 3


class AnyMessage(Protocol):
    """What is asked of a public message."""

    @property
    def content(self) -> str: ...
    @property
    def is_from_customer(self) -> bool: ...


M = TypeVar("M", bound=AnyMessage)


def first_question(subject: str | None, messages: Iterable[AnyMessage]) -> str:
    """Return what a past ticket was about: its subject, and what the customer wrote before the team answered."""
    parts = [subject or ""]
    for message in messages:
        if message.is_from_customer:
            parts.append(message.content)
        elif len(parts) > 1:
            break
    return "\n".join(parts).strip()[:MOST_OF_QUESTION]


def answer_of(messages: Sequence[M]) -> M | None:
    """Return the message of the team that answers: the first one of substance after a question, or else the longest."""
    asked, answers = False, []
    for message in messages:
        if message.is_from_customer:
            asked = True
        elif message.content.strip():
            if asked and len(message.content) >= SUBSTANCE:
                return message
            answers.append(message)
    return max(answers, key=lambda one: len(one.content), default=None)


def open_question(subject: str | None, messages: Sequence[AnyMessage]) -> str:
    """Return what a ticket asks now: the customer's latest messages, and its subject."""
    latest = [message.content for message in messages if message.is_from_customer][-N_LATEST:]
    return "\n".join([*reversed(latest), subject or ""]).strip()[:MOST_OF_QUESTION]
