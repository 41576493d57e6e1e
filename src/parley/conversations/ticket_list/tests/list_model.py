"""A model of the ticket list in plain Python, and parameters whose meaning is known because it was drawn before their text.

Nothing here reads a query or knows SQL: a `Wish` carries what it means beside how it is written, as
docs/tickets.md#reading says it. What is written wrongly means nothing and must be ignored.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

STATUSES = ("new", "open", "pending", "on_hold", "resolved")
PRIORITIES = ("low", "medium", "high", "critical")
CHANNELS = ("widget", "email", "slack", "teams", "github", "sms")
DETAILS = (
    "slack_channel_message", "slack_bot_mention", "slack_emoji_reaction", "teams_channel_message",
    "teams_bot_mention", "widget_embedded", "widget_api", "github_issue",
)  # fmt: skip
KEYS = ("updated_at", "created_at", "ticket_number", "sla_due_at", "snoozed_until")
TAGS = ("vip", "billing", "a b", "ä", "100%", 'quote"d', "[]", "日本")
CUSTOMERS = ("ada", "Ada_1", "b%b", "c,d", "e'e", "日本", "x" * 400)
ADDRESSES = ("Ada@Example.com", "ada@example.com", "bo@example.com", "o'neil@example.com")
ZONE = ZoneInfo("America/New_York")
NOW = datetime(
    2026, 3, 10, 3, 30, 0, 250_000, tzinfo=UTC
)  # two days after the clocks of New York were changed
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
MOMENTS = tuple(
    NOW - ago
    for ago in (
        timedelta(), timedelta(microseconds=1), HOUR, 3 * HOUR, 4 * HOUR, DAY, 2 * DAY - HOUR, 2 * DAY, 3 * DAY,
        7 * DAY, 7 * DAY + HOUR, 30 * DAY, 400 * DAY,
    )
)  # fmt: skip
DUE = (*(NOW + n * HOUR / 2 for n in range(-2, 5)), NOW - timedelta(microseconds=1), None, None, None)

Fits = Callable[["One"], bool]


@dataclass
class One:
    """A ticket, as far as lists look at it."""

    number: int
    status: str
    priority: str | None
    channel_source: str
    channel_detail: str | None
    user_id: int | None
    role_id: UUID | None
    distinct_id: str
    email_from: str | None
    created_at: datetime
    updated_at: datetime
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    tags: frozenset[str]
    is_deleted: bool


@dataclass(frozen=True)
class People:
    """Whom tickets may be assigned to; `me` is who looks at the list."""

    me: int
    other: int
    roles: tuple[UUID, UUID]


@dataclass(frozen=True)
class Wish:
    """One parameter as it is written, and what it means; `fits` is None where it can't be read."""

    name: str
    text: str
    fits: Fits | None


def random_tickets(random: Random, people: People, count: int) -> list[One]:
    """Return tickets that share many values, so that filters overlap and orders have ties."""
    assignees: Sequence[tuple[int | None, UUID | None]] = (
        (None, None), (None, None), (people.me, None), (people.other, None), (None, people.roles[0]),
    )  # fmt: skip
    made = []
    for number in range(1, count + 1):
        user_id, role_id = random.choice(assignees)
        made.append(
            One(
                number=number,
                status=random.choice(STATUSES),
                priority=random.choice((*PRIORITIES, None)),
                channel_source=random.choice(CHANNELS[:3]),
                channel_detail=random.choice((None, *DETAILS[4:7])),
                user_id=user_id,
                role_id=role_id,
                distinct_id=random.choice(CUSTOMERS),
                email_from=random.choice((None, None, *ADDRESSES)),
                created_at=random.choice(MOMENTS),
                updated_at=random.choice((*MOMENTS, *EDGES)),
                sla_due_at=random.choice(DUE),
                snoozed_until=random.choice(DUE),
                tags=frozenset(random.sample(TAGS, random.choice((0, 0, 1, 2, 4)))),
                is_deleted=random.random() < 0.15,
            )
        )
    return made


def expected(tickets: Sequence[One], fits: Sequence[Fits], order: str) -> list[int]:
    """Return the numbers of the tickets that fit, sorted; those without the key last, ties by the highest number."""
    found = [one for one in tickets if not one.is_deleted and all(fit(one) for fit in fits)]
    key = order.removeprefix("-")
    attribute = "number" if key == "ticket_number" else key
    found.sort(key=lambda one: -one.number)
    having = [one for one in found if getattr(one, attribute) is not None]
    having.sort(key=lambda one: getattr(one, attribute), reverse=order.startswith("-"))
    return [one.number for one in (*having, *(one for one in found if getattr(one, attribute) is None))]


# ------------------------------------------------------------------ explicit parameters

Draw = Callable[[Random, People], Wish]


def one_in(random: Random, count: int) -> bool:
    """Say yes once in so many times."""
    return random.randrange(count) == 0


def some(random: Random, pool: Sequence[Any], least: int, most: int) -> list[Any]:
    """Return a few of the pool, perhaps one of them twice."""
    return [random.choice(pool) for _ in range(random.randint(least, most))]


def listed(random: Random, good: Sequence[str], bad: Sequence[str]) -> tuple[str, list[str]]:
    """Make a list with commas, some of it nonsense and some of it padded; return its text and the good items."""
    items = some(random, good, 0, 3) + some(random, bad, 0, 1) or [bad[0]]
    random.shuffle(items)
    text = ",".join(random.choice(("{}", " {}", "{}  ")).format(item) for item in items)
    return text, [item for item in items if item in good]


def of_names(name: str, good: Sequence[str], bad: Sequence[str]) -> Draw:
    def make(random: Random, _: People) -> Wish:
        text, named = listed(random, good, bad)
        return Wish(name, text, (lambda one: getattr(one, name) in named) if named else None)

    return make


def of_one_name(name: str, good: Sequence[str], bad: Sequence[str]) -> Draw:
    def make(random: Random, _: People) -> Wish:
        text = random.choice(bad if one_in(random, 4) else good)
        return Wish(name, text, (lambda one: getattr(one, name) == text) if text in good else None)

    return make


def belongs(one: One, who: tuple[int | None, UUID | None]) -> bool:
    return (one.user_id, one.role_id) == who


def of_assignee(random: Random, people: People) -> Wish:
    meant: dict[str, tuple[int | None, UUID | None]] = {
        "me": (people.me, None),
        "unassigned": (None, None),
        "UnAssigned": (None, None),
        f"user:{people.other}": (people.other, None),
        "user:0": (0, None),
        "user:99999999999999999999": (0, None),
        f"role:{people.roles[0]}": (None, people.roles[0]),
        f"role:{people.roles[1]}": (None, people.roles[1]),
    }
    bad = ("", "nobody", "user:", "user:x", "user:-1", "user:²", "role:", "role:7", "user:me", "\x00")
    text, named = listed(random, tuple(meant), bad)
    if one_in(random, 5):  # the first hundred count
        text, named = ",".join(["x"] * 99 + ["me", text]), ["me"]
    whom = [meant[item] for item in named]
    return Wish("assignee", text, (lambda one: any(belongs(one, who) for who in whom)) if whom else None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def bounds() -> dict[str, tuple[datetime, datetime]]:
    """Return bounds of time as they are written, each with the instant that it is as a beginning and as an end."""
    here = NOW.astimezone(ZONE)
    exact = {
        "-3h": NOW - 3 * HOUR,
        "-90M": NOW - 90 * timedelta(minutes=1),
        "-2d": here - 2 * DAY,  # the same time of the wall clock: 49 hours ago
        "-7d": here - 7 * DAY,
        "-1w": here - 7 * DAY,
        "dStart": _midnight(here.date()),
        "-1dStart": _midnight(here.date() - DAY),
        "-2dEnd": _midnight(here.date() - DAY) - TICK,
        "mStart": _midnight(here.date().replace(day=1)),
        "-1mStart": _midnight(date(here.year, here.month - 1, 1)),
        "-1y": here.replace(year=here.year - 1),
        "yStart": _midnight(date(here.year, 1, 1)),
        (NOW - DAY).isoformat(): NOW - DAY,
        "2026-03-08T01:30:00Z": datetime(2026, 3, 8, 1, 30, tzinfo=UTC),
        "2026-03-08T01:30:00": datetime(2026, 3, 8, 1, 30, tzinfo=ZONE),
    }
    days = {day: date.fromisoformat(day) for day in ("2026-03-07", "2026-03-08", "2026-03-09", "2026-02-08")}
    whole = {text: (_midnight(day), _midnight(day + DAY) - TICK) for text, day in days.items()}
    return {text: (at, at) for text, at in exact.items()} | whole


BOUNDS = bounds()
EDGES = tuple(
    at.astimezone(UTC) + step for ends in BOUNDS.values() for at in ends for step in (TICK, -TICK, 0 * TICK)
)
NO_BOUNDS = ("", "yesterday", "7", "-7x", "2026-13-01", "d", "\x00", "-²d", "0" * 50)


def of_bound(name: str) -> Draw:
    def make(random: Random, _: People) -> Wish:
        text = random.choice((*NO_BOUNDS, "all")) if one_in(random, 4) else random.choice(tuple(BOUNDS))
        return Wish(name, text, bound_fits(name, text))

    return make


def bound_fits(name: str, text: str) -> Fits | None:
    if text == "all":
        return everything
    if text not in BOUNDS:
        return None
    begins, ends = BOUNDS[text]
    if name == "date_from":
        return lambda one: one.updated_at >= begins
    return lambda one: one.updated_at <= ends


def everything(_: One) -> bool:
    return True


def of_customers(name: str, attribute: str, known: Sequence[str], *, fold: bool) -> Draw:
    """Distinct ids and addresses can't hold a comma in a query; the first hundred count."""
    pool = [one for one in known if "," not in one] + ["nobody", ""]

    def make(random: Random, _: People) -> Wish:
        named = some(random, pool, 1, 4)
        text = ",".join(item.upper() if fold and one_in(random, 2) else item for item in named)
        named = [item for item in named if item]
        if one_in(random, 5):
            text, named = ",".join([*(f"n{n}" for n in range(99)), pool[0], text]), [pool[0]]
        return Wish(name, text, _is_of(attribute, named, fold=fold) if named else None)

    return make


def _is_of(attribute: str, named: Sequence[str], *, fold: bool) -> Fits:
    wanted = {item.lower() if fold else item for item in named}

    def fits(one: One) -> bool:
        value = getattr(one, attribute)
        return value is not None and (value.lower() if fold else value) in wanted

    return fits


def of_part(random: Random, _: People) -> Wish:
    text = random.choice(("ad", "ADA", "_", "%", "'", "日", ",", "x" * 200, "x" * 201, "", "zz"))
    is_read = 0 < len(text) <= 200
    return Wish(
        "distinct_id", text, (lambda one: text.lower() in one.distinct_id.lower()) if is_read else None
    )


SLA: dict[str, Fits] = {
    "breached": lambda one: one.sla_due_at is not None and one.sla_due_at < NOW,
    "at-risk": lambda one: one.sla_due_at is not None and NOW <= one.sla_due_at <= NOW + HOUR,
    "on-track": lambda one: one.sla_due_at is not None and one.sla_due_at > NOW + HOUR,
}


def of_sla(random: Random, _: People) -> Wish:
    text = random.choice((*SLA, *SLA, "Breached", "late", "", "all"))
    return Wish("sla", text, SLA.get(text))


def of_snoozed(random: Random, _: People) -> Wish:
    text = random.choice(("true", "TRUE", "True", "false", "fAlSe", "1", "yes", "", "null"))
    fits: dict[str, Fits] = {
        "true": lambda one: one.snoozed_until is not None,
        "false": lambda one: one.snoozed_until is None,
    }
    return Wish("snoozed", text, fits.get(text.lower()))


NO_NAMES = (
    "",
    "vip",
    '"vip"',
    "{}",
    "[",
    "[1, null]",
    '{"vip": 1}',
    "null",
    "[" * 2000,
    '["\\ud83d"]',
    "[NaN]",
)
MATCHES: dict[str, Callable[[One, frozenset[str]], bool]] = {
    "tags": lambda one, names: bool(one.tags & names),
    "tags_all": lambda one, names: one.tags >= names,
    "tags_exclude": lambda one, names: not one.tags & names,
}


def of_tags(name: str) -> Draw:
    def make(random: Random, _: People) -> Wish:
        if one_in(random, 5):
            return Wish(name, random.choice(NO_NAMES), None)
        names = some(random, (*TAGS, *TAGS, "nothing"), 0, 2)
        written: list[Any] = [
            f" {one.upper()}" if one.isascii() and one_in(random, 2) else one for one in names
        ]
        if names and one_in(random, 3):
            written.insert(0, random.choice((7, None, ["vip"], {}, " ")))
        if one_in(random, 8):  # the first fifty count
            first = [f"n{n}" for n in range(49)]
            names, written = [*first, "vip"], [*first, "vip", *written]
        return Wish(name, json.dumps(written, ensure_ascii=one_in(random, 2)), tags_fit(name, names))

    return make


def tags_fit(name: str, names: Sequence[str]) -> Fits:
    wanted = frozenset(names)
    return (lambda one: MATCHES[name](one, wanted)) if wanted else everything


def of_triage(random: Random, _: People) -> Wish:
    text, named = listed(random, ("suggested",), ("", "unknown", "PERSISTED", "Suggested"))
    return Wish("ai_triage_result", text, (lambda one: False) if named else None)


KINDS: tuple[Draw, ...] = (
    of_names("status", STATUSES, ("", "OPEN", "closed", "\x00")),
    of_names("priority", PRIORITIES, ("", "LOW", "urgent", "null")),
    of_one_name("channel_source", CHANNELS, ("", "EMAIL", "email,widget", "all", "fax")),
    of_one_name("channel_detail", DETAILS, ("", "widget", "widget_api,github_issue")),
    of_assignee,
    of_bound("date_from"),
    of_bound("date_to"),
    of_customers("distinct_ids", "distinct_id", CUSTOMERS, fold=False),
    of_customers("emails", "email_from", ADDRESSES, fold=True),
    of_part,
    of_sla,
    of_snoozed,
    of_tags("tags"),
    of_tags("tags_all"),
    of_tags("tags_exclude"),
    of_triage,
)
