"""Weeks of visits to the site and the product of the made-up company: who comes, signs up, pays, and stays away."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from parley.demo import scripts as words
from parley.demo.rules import chance_of
from parley.demo.stage import DemoCustomer, Stage
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.people.events.actions import store_captured
from parley.people.events.rules.events import Captured
from parley.people.persons.rules.drafts import Operation

WEEKS, N_STRANGERS, AT_ONCE = 8, 150, 500
WEEK = timedelta(weeks=1)
HOST = "planner.example.com"
SITE = ("/", "/", "/", "/pricing", "/pricing", "/features", "/docs/import", "/docs/start", "/blog/planning")
PRODUCT = (
    "/app/boards/42",
    "/app/boards/7",
    "/app/calendar",
    "/app/search",
    "/app/settings/billing",
    "/docs/import",
)
SIGNED_UP, MADE_BOARD, PAID = "signed_up", "board_created", "subscription_started"
"""The steps of a funnel that somebody may try."""
PRICES = {"Team": 49, "Business": 149, "Enterprise": 499}


class DemoVisitor(msgspec.Struct, frozen=True):
    """Who visits: a customer, or somebody without a name."""

    distinct_id: str
    is_known: bool
    browser: str
    system: str


async def store_visits(db: Db, stage: Stage, first: int) -> int | None:
    """Store some of what visitors did in the last weeks, as the SDK of a site would have sent it.

    Returns the number of the event at which it goes on, None after the last one.
    """
    chance, now = chance_of("visits"), stage.now
    happened = [*_of_strangers(stage.project.id, chance, now)]
    for customer in stage.customers:
        happened += _of_customer(customer, chance, now)
    events = sorted((one for one in happened if one.timestamp < now), key=lambda one: one.timestamp)
    await store_captured(db, stage.project.id, events[first : first + AT_ONCE], now)
    return first + AT_ONCE if first + AT_ONCE < len(events) else None


def _of_strangers(project_id: int, chance: random.Random, now: datetime) -> Iterator[Captured]:
    """Yield the visits of people who look at the site once or twice."""
    for n in range(N_STRANGERS):
        visitor = _visitor(f"demo-{project_id}-visitor-{n + 1}", chance, is_known=False)
        at = _working_hour(now - WEEK * WEEKS * chance.random(), chance)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            yield from _visit(visitor, SITE, at, chance)
            at += timedelta(days=chance.randint(1, 12))


def _of_customer(customer: DemoCustomer, chance: random.Random, now: datetime) -> Iterator[Captured]:
    """Yield what a customer did: those who signed up in these weeks begin on the site; a few stop coming."""
    visitor = _visitor(customer.distinct_id, chance, is_known=True)
    begin = max(customer.signed_up_at, now - WEEK * WEEKS)
    if begin == customer.signed_up_at:
        yield from _beginning(customer, visitor, chance)
    a_week, leaves_at = chance.choice((0.4, 1, 2, 3, 4)), now
    if chance.random() < 0.35:
        leaves_at = begin + WEEK * WEEKS * chance.random()
    at = begin + WEEK / a_week * chance.random()
    while at < leaves_at:
        if at.weekday() < 5 or chance.random() < 0.2:
            yield from _visit(visitor, PRODUCT, _working_hour(at, chance), chance)
        at += WEEK / a_week * (0.3 + 1.4 * chance.random())


def _beginning(customer: DemoCustomer, visitor: DemoVisitor, chance: random.Random) -> Iterator[Captured]:
    at = customer.signed_up_at
    yield from _visit(visitor, SITE, at - timedelta(minutes=chance.randint(10, 40)), chance)
    plan = customer.properties["plan"]
    yield _event(visitor, SIGNED_UP, at, {"plan": plan})
    if chance.random() < 0.8:
        yield _event(visitor, MADE_BOARD, at + timedelta(minutes=chance.randint(2, 3000)), {})
        if plan in PRICES and chance.random() < 0.7:
            later = at + timedelta(days=3 + chance.randrange(10), minutes=chance.randrange(500))
            yield _event(visitor, PAID, later, {"plan": plan, "amount": PRICES[plan]})


def _visit(
    visitor: DemoVisitor, pages: Sequence[str], at: datetime, chance: random.Random
) -> Iterator[Captured]:
    session_id = str(UUID(int=chance.getrandbits(128), version=4))  # the same when this is told once more
    for _ in range(chance.choice((1, 2, 2, 3, 4))):
        path = chance.choice(pages)
        where = {"$current_url": f"https://{HOST}{path}", "$pathname": path, "$host": HOST}
        yield _event(visitor, "$pageview", at, {**where, "$session_id": session_id})
        at += timedelta(seconds=chance.randint(5, 400))


def _event(visitor: DemoVisitor, name: str, at: datetime, properties: dict[str, Any]) -> Captured:
    said = {"$browser": visitor.browser, "$os": visitor.system, "$lib": "web", **properties}
    if not visitor.is_known:
        said["$process_person_profile"] = False
    operation = Operation(distinct_id=visitor.distinct_id, at=at, creates_person=visitor.is_known)
    text = msgspec.json.encode(said).decode()
    return Captured(new_uuid(), name, visitor.distinct_id, text, at, operation)


def _visitor(distinct_id: str, chance: random.Random, *, is_known: bool) -> DemoVisitor:
    return DemoVisitor(distinct_id, is_known, chance.choice(words.BROWSERS), chance.choice(words.SYSTEMS))


def _working_hour(at: datetime, chance: random.Random) -> datetime:
    """Return a time on that day at which people work."""
    return at.replace(
        hour=chance.choice((7, 8, 9, 9, 10, 11, 13, 14, 14, 15, 16, 19)), minute=chance.randrange(60)
    )
