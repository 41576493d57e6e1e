"""Mails about tickets to the team."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from parley.kernel.mail import Mail
from parley.tickets.queries.introductions import Introduction
from parley.tickets.rules import CUSTOMER, Authorship, author_name

SHOWN_LENGTH = 2000


def first_message_mail(about: Introduction, to: Mapping[str, Any], site_url: str) -> Mail:
    """Return the mail that tells one member of the team (`user_id`, `to`) of a new conversation (`ticket_id`)."""
    customer = author_name(Authorship(author_type=CUSTOMER, traits=about.traits), customer="A visitor")
    shown = about.content if len(about.content) <= SHOWN_LENGTH else about.content[:SHOWN_LENGTH] + " [...]"
    host = urlsplit(site_url).hostname or "localhost"
    return Mail(
        to=to["to"],
        subject=f"New conversation #{about.number} in {about.project_name}",
        text=f"{customer} wrote:\n\n{shown}\n\nAnswer: {site_url}/inbox/{about.number}\n",
        message_id=f"first.{to['ticket_id'].replace('-', '')}.{to['user_id']}@{host}",
    )
