"""The texts of notifications. Words of customers and notes are quoted line by line, and names are one line."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

from parley.conversations.notifications.queries.recipients import Recipient
from parley.conversations.notifications.queries.subjects import Subject
from parley.conversations.notifications.rules.kinds import (
    ANSWERS,
    ASSIGNMENTS,
    MENTIONS,
    MOST_URGENT_FIRST,
    NEW_CONVERSATIONS,
)
from parley.kernel.network.mail import Mail, one_line, quoted

MAX_QUOTED, MAX_QUOTED_IN_DIGEST = 2000, 200
NOUNS = {
    NEW_CONVERSATIONS: ("new conversation", "new conversations"),
    ASSIGNMENTS: ("assigned ticket", "assigned tickets"),
    MENTIONS: ("mention", "mentions"),
    ANSWERS: ("answer of a customer", "answers of customers"),
}


def notification_mail(
    subjects: Sequence[Subject],
    counts: Mapping[str, int],
    to: Recipient,
    project_name: str,
    site_url: str,
    work_id: UUID,
) -> Mail:
    """Return the mail to one member about what happened, `counts` of each kind; it tells of these subjects only."""
    host, count = urlsplit(site_url).hostname or "localhost", sum(counts.values())
    most = MAX_QUOTED if count == 1 else MAX_QUOTED_IN_DIGEST
    texts = [_text(one, most, site_url) for one in subjects]
    if count > len(subjects):
        texts.append(f"And {count - len(subjects)} more: {site_url}/inbox\n")
    texts.append(f"-- \nWhich mails you get: {site_url}/settings/account\n")
    title = _title(subjects[0]) if count == 1 else _counted(counts)
    return Mail(
        to=to.email,
        subject=f"{title} in {one_line(project_name)}",
        text="\n".join(texts),
        message_id=f"notification.{work_id.hex}@{host}",
    )


def _title(one: Subject) -> str:
    if one.notice.kind == MENTIONS:
        return f"{_actor(one)} mentioned you on ticket #{one.number}"
    if one.notice.kind == ASSIGNMENTS:
        return f"Ticket #{one.number} was assigned to {_assignee(one)}"
    if one.notice.kind == ANSWERS:
        return f"{one_line(one.customer)} answered on ticket #{one.number}"
    return f"New conversation #{one.number}"


def _counted(counts: Mapping[str, int]) -> str:
    """Return how many there are of each kind, as a list of words."""
    parts = [f"{n} {NOUNS[kind][n != 1]}" for kind in MOST_URGENT_FIRST if (n := counts.get(kind, 0))]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _text(one: Subject, most: int, site_url: str) -> str:
    words = one.content if len(one.content) <= most else one.content[:most] + " [...]"
    customer = one_line(one.customer)
    link = f"{site_url}/inbox/{one.number}"
    if one.notice.kind == MENTIONS:
        return f"{_actor(one)} mentioned you in a note on ticket #{one.number}:\n\n{quoted(words)}\n\nOpen: {link}\n"
    if one.notice.kind == ASSIGNMENTS:
        said = f" The last words on it:\n\n{quoted(words)}\n\n" if words else "\n\n"
        return f"{_actor(one)} assigned ticket #{one.number}, of {customer}, to {_assignee(one)}.{said}Open: {link}\n"
    if one.notice.kind == ANSWERS:
        return f"{customer} answered on ticket #{one.number}:\n\n{quoted(words)}\n\nAnswer: {link}\n"
    return f"{customer} wrote:\n\n{quoted(words)}\n\nAnswer: {link}\n"


def _actor(one: Subject) -> str:
    return one_line(one.actor) if one.actor else "A program"


def _assignee(one: Subject) -> str:
    return f"the role {one_line(one.role)}" if one.role else "you"
