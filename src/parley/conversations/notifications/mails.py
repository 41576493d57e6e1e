"""The texts of the mails about new conversations."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from parley.conversations.notifications.queries import NewConversation
from parley.conversations.tickets.rules.comments import CUSTOMER, Authorship, author_name
from parley.kernel.network.mail import Mail, one_line, quoted

MAX_QUOTED, MAX_QUOTED_IN_DIGEST = 2000, 200


def first_message_mail(conversation: NewConversation, to: Mapping[str, Any], site_url: str) -> Mail:
    """Return the mail to one member of the team (`user_id`, `to`) about one new conversation (`ticket_id`)."""
    host = urlsplit(site_url).hostname or "localhost"
    return Mail(
        to=to["to"],
        subject=f"New conversation #{conversation.number} in {one_line(conversation.project_name)}",
        text=_excerpt(conversation, MAX_QUOTED, site_url),
        message_id=f"first.{to['ticket_id'].replace('-', '')}.{to['user_id']}@{host}",
    )


def digest_mail(
    conversations: Sequence[NewConversation], count: int, to: Mapping[str, Any], site_url: str, work_id: UUID
) -> Mail:
    """Return the mail to one member of the team about `count` new conversations; it quotes only these."""
    host = urlsplit(site_url).hostname or "localhost"
    texts = [_excerpt(one, MAX_QUOTED_IN_DIGEST, site_url) for one in conversations]
    if count > len(conversations):
        texts.append(f"And {count - len(conversations)} more: {site_url}/inbox\n")
    return Mail(
        to=to["to"],
        subject=f"{count} new conversation{'s' * (count > 1)} in {one_line(conversations[0].project_name)}",
        text="\n".join(texts),
        message_id=f"digest.{work_id.hex}@{host}",
    )


def _excerpt(conversation: NewConversation, max_length: int, site_url: str) -> str:
    authorship = Authorship(author_type=CUSTOMER, traits=conversation.traits)
    author, content = author_name(authorship, customer="A visitor"), conversation.content
    shown = content if len(content) <= max_length else content[:max_length] + " [...]"
    return f"{one_line(author)} wrote:\n\n{quoted(shown)}\n\nAnswer: {site_url}/inbox/{conversation.number}\n"
