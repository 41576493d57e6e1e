"""Mails about tickets to the team."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from parley.conversations.notifications.queries import Introduction
from parley.conversations.tickets.rules import CUSTOMER, Authorship, author_name
from parley.kernel.network.mail import Mail, one_line, quoted

SHOWN_LENGTH, SHOWN_LENGTH_OF_MANY = 2000, 200


def first_message_mail(about: Introduction, to: Mapping[str, Any], site_url: str) -> Mail:
    """Return the mail that tells one member of the team (`user_id`, `to`) of a new conversation (`ticket_id`)."""
    host = urlsplit(site_url).hostname or "localhost"
    return Mail(
        to=to["to"],
        subject=f"New conversation #{about.number} in {one_line(about.project_name)}",
        text=_told(about, SHOWN_LENGTH, site_url),
        message_id=f"first.{to['ticket_id'].replace('-', '')}.{to['user_id']}@{host}",
    )


def digest_mail(
    about: Sequence[Introduction], count: int, to: Mapping[str, Any], site_url: str, work_id: UUID
) -> Mail:
    """Return the mail that tells one member of `count` new conversations at once, of some of them in words."""
    host = urlsplit(site_url).hostname or "localhost"
    texts = [_told(one, SHOWN_LENGTH_OF_MANY, site_url) for one in about]
    if count > len(about):
        texts.append(f"And {count - len(about)} more: {site_url}/inbox\n")
    return Mail(
        to=to["to"],
        subject=f"{count} new conversation{'s' * (count > 1)} in {one_line(about[0].project_name)}",
        text="\n".join(texts),
        message_id=f"digest.{work_id.hex}@{host}",
    )


def _told(about: Introduction, most: int, site_url: str) -> str:
    author = author_name(Authorship(author_type=CUSTOMER, traits=about.traits), customer="A visitor")
    shown = about.content if len(about.content) <= most else about.content[:most] + " [...]"
    return f"{one_line(author)} wrote:\n\n{quoted(shown)}\n\nAnswer: {site_url}/inbox/{about.number}\n"
