"""The rows of a project's tickets, made by arithmetic and a fixed seed, so that every run measures the same ones.

What a desk of a year and a half looks like: most tickets are resolved, some customers write again and again, a ticket
changes for the last time hours or days after it was opened, so that lists by change and by opening differ.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from benchmarks.words import RARE_TICKETS, SEED, Language

MESSAGES_PER_TICKET = 4
SPAN = timedelta(days=500)
MEAN_DELAY_S = 2 * 86_400
STATUSES = (("resolved", 70), ("open", 12), ("pending", 8), ("on_hold", 5), ("new", 5))
PRIORITIES = ((None, 40), ("medium", 30), ("low", 18), ("high", 10), ("critical", 2))
CHANNELS = (("widget", 85), ("email", 10), ("slack", 3), ("teams", 1), ("github", 1))
DETAILS = {"widget": "widget_embedded", "slack": "slack_bot_mention", "teams": "teams_bot_mention"}
# The part of the tickets that have each tag.
TAGS = {"billing": 0.25, "bug": 0.15, "vip": 0.08, "feature-request": 0.06, "refund": 0.02, "outage": 0.003}

COLUMNS = {
    "person": (
        "project_id", "id", "properties", "email", "search_name", "is_identified", "created_at", "last_seen_at",
    ),
    "person_distinct_id": ("project_id", "distinct_id", "person_id", "created_at"),
    "ticket": (
        "project_id", "id", "number", "status", "priority", "channel_source", "channel_detail", "distinct_id",
        "widget_session_id", "identity_verified", "anonymous_traits", "session_id", "session_context", "ai_resolved",
        "assignee_user_id", "message_count", "last_message_at", "last_message_text", "unread_team_count",
        "unread_customer_count", "sla_due_at", "snoozed_until", "email_subject", "email_from", "cc_participants",
        "created_at", "updated_at",
    ),
    "ticket_tag": ("project_id", "ticket_id", "name"),
    "comment": (
        "project_id", "id", "scope", "item_id", "ticket_id", "item_context", "author_type", "is_private", "content",
        "created_by", "is_task", "version", "deleted", "created_at",
    ),
}  # fmt: skip
SAID_BY = (
    ("customer", False, '{"author_type": "customer", "is_private": false}'),
    ("support", False, '{"author_type": "support", "is_private": false}'),
)
NOTE = ("support", True, '{"author_type": "support", "is_private": true}')

Rows = dict[str, list[tuple[Any, ...]]]


class Desk(msgspec.Struct, frozen=True):
    """A project to be filled: its users take the tickets, and `now` is when the last one changed."""

    project_id: int
    user_ids: Sequence[int]
    tickets: int
    now: datetime

    @property
    def persons(self) -> int:
        return max(1, self.tickets * 3 // 5)


def rare_places(desk: Desk, language: Language) -> dict[str, list[int]]:
    """Return the numbers of the tickets that hold each rare word: 10 to 50 of them, however many tickets there are."""
    source = random.Random(SEED + 1)
    counts = (source.randint(*RARE_TICKETS) for _ in language.rare)
    return {
        word: sorted(source.sample(range(1, desk.tickets + 1), min(count, desk.tickets)))
        for word, count in zip(language.rare, counts, strict=True)
    }


def rows_of(desk: Desk, language: Language, size: int) -> Iterator[Rows]:
    """Yield all rows in pieces of so many persons, then of so many tickets."""
    for first in range(1, desk.persons + 1, size):
        yield _persons(desk, range(first, min(first + size, desk.persons + 1)))
    planted: dict[int, str] = {}
    for word, numbers in rare_places(desk, language).items():
        for number in numbers:
            planted[number] = f"{planted.get(number, '')} {word}"
    writer = _Writer(desk, language, planted)
    for first in range(1, desk.tickets + 1, size):
        yield writer.tickets(range(first, min(first + size, desk.tickets + 1)))


def uuid7(at_ms: int, kind: int, n: int) -> str:
    """Return a uuid of version 7 as text; kind and number make it unique and the same in every run."""
    tail = f"{kind:03x}a{n:015x}"
    text = f"{at_ms:012x}7{tail}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _persons(desk: Desk, numbers: range) -> Rows:
    start, step = desk.now - SPAN, SPAN / desk.persons
    persons, ids = [], []
    for n in numbers:
        at = start + step * (n - 1)
        id = uuid7(int(at.timestamp() * 1000), 1, n)
        address = f"customer-{n}@example.com"
        properties = (
            f'{{"email": "{address}", "name": "Customer {n}", "plan": "scale", "$initial_browser": "Firefox", '
            '"$initial_os": "Linux", "$initial_current_url": "https://example.com/pricing", '
            '"$geoip_country_code": "NL", "$geoip_city_name": "Utrecht", '
            f'"company": "Company {n % 500}", "seats": {n % 90}}}'
        )
        persons.append(
            (
                desk.project_id,
                id,
                properties,
                address,
                f"customer {n}",
                True,
                at,
                desk.now - timedelta(days=n % 90),
            )
        )
        ids.append((desk.project_id, f"anonymous-{n}", id, at))
        ids.append((desk.project_id, f"customer-{n}", id, at + timedelta(seconds=1)))
    return {"person": persons, "person_distinct_id": ids}


def _weighted(choices: Sequence[tuple[Any, int]]) -> list[Any]:
    return [value for value, weight in choices for _ in range(weight)]


class _Writer:
    """Writes tickets with their tags and messages."""

    def __init__(self, desk: Desk, language: Language, planted: dict[int, str]) -> None:
        self.desk, self.sentences, self.planted = desk, language.sentences, planted
        self.source = random.Random(SEED + desk.project_id)
        self.start, self.step = desk.now - SPAN, SPAN / desk.tickets
        self.statuses, self.priorities, self.channels = map(_weighted, (STATUSES, PRIORITIES, CHANNELS))

    def tickets(self, numbers: range) -> Rows:
        """Return the rows of these tickets."""
        rows: Rows = {"ticket": [], "ticket_tag": [], "comment": []}
        for number in numbers:
            opened = self.start + self.step * (number - 1)
            delay = timedelta(seconds=self.source.expovariate(1 / MEAN_DELAY_S))
            delay = min(delay, self.desk.now - opened)
            id = uuid7(int(opened.timestamp() * 1000), 2, number)
            last = self._messages(rows["comment"], id, number, opened, delay)
            rows["ticket"].append(self._ticket(id, number, opened, opened + delay, last))
            rows["ticket_tag"] += (
                (self.desk.project_id, id, name) for name, part in TAGS.items() if self.source.random() < part
            )
        return rows

    def _messages(
        self, comments: list[tuple[Any, ...]], id: str, number: int, opened: datetime, delay: timedelta
    ) -> str:
        """Add the messages of a ticket, customer and agent by turns, the last one at the last change; return its text."""
        project_id, sentences, draw = self.desk.project_id, self.sentences, self.source.random
        n_sentences, content = len(sentences), ""
        planted = int(draw() * MESSAGES_PER_TICKET) if number in self.planted else -1
        for place in range(MESSAGES_PER_TICKET):
            at = opened + delay * (place / (MESSAGES_PER_TICKET - 1))
            content = " ".join(sentences[int(draw() * n_sentences)] for _ in range(2 + (place & 1)))
            if place == planted:
                content += self.planted[number]
            is_note = place == 3 and number % 10 == 0
            author, is_private, context = NOTE if is_note else SAID_BY[place & 1]
            message_id = uuid7(int(at.timestamp() * 1000), 3 + place, number)
            written_by = self.desk.user_ids[number % len(self.desk.user_ids)] if place & 1 else None
            comments.append(
                (project_id, message_id, "conversations_ticket", id, id, context, author, is_private, content,
                 written_by, False, 0, False, at)
            )  # fmt: skip
        return content

    def _ticket(
        self, id: str, number: int, opened: datetime, changed: datetime, last: str
    ) -> tuple[Any, ...]:
        choice, draw, desk = self.source.choice, self.source.random, self.desk
        status, priority, channel = choice(self.statuses), choice(self.priorities), choice(self.channels)
        # One in twenty writes from a browser of whom nothing else is known.
        is_known = channel == "email" or draw() < 0.95
        person = 1 + int(draw() * desk.persons)
        distinct_id = f"customer-{person}" if is_known else f"visitor-{number}"
        traits = (
            f'{{"name": "Customer {person}", "email": "customer-{person}@example.com"}}' if is_known else "{}"
        )
        context = f'{{"current_url": "https://example.com/help/{number % 999}", "session_replay_url": null}}'
        is_unread = status == "new" or (status == "open" and draw() < 0.3)
        is_mail = channel == "email"
        return (
            desk.project_id, id, number, status, priority, channel, DETAILS.get(channel), distinct_id,
            uuid7(int(opened.timestamp() * 1000), 9, number), None if is_mail else False, traits,
            None if is_mail else f"session-{number}", context, False,
            desk.user_ids[number % len(desk.user_ids)] if draw() < 0.6 else None, MESSAGES_PER_TICKET, changed,
            last[:500], 1 if is_unread else 0, number % 2,
            opened + timedelta(days=3) if draw() < 0.2 else None,
            desk.now + timedelta(hours=number % 200) if status == "pending" and draw() < 0.1 else None,
            last[:60] if is_mail else None, f"customer-{person}@example.com" if is_mail else None, "[]", opened, changed,
        )  # fmt: skip


def now() -> datetime:
    """Return the moment at which a world is made."""
    return datetime.now(UTC)
