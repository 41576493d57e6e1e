"""Events of a shop with very many visitors, made by a fixed seed, so that every run measures the same ones.

Few visitors come often, most of them seldom. Every third has a second distinct id, from before they were known.
"""

import asyncio
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from benchmarks.filling import TALLY, TIMEOUT_S, file_of, insert_rows, unindexed, unindexed_file

SEED = 11
NAMES = {
    "$pageview": 30,
    "$autocapture": 25,
    "$pageleave": 20,
    "viewed product": 12,
    "added to cart": 6,
    "searched": 5,
    "purchased": 2,
}
BROWSERS = ("Chrome", "Chrome", "Chrome", "Safari", "Safari", "Firefox", "Edge")
SYSTEMS = ("Mac OS X", "Windows", "Windows", "iOS", "Android", "Android", "Linux")
COUNTRIES = ("DE", "FR", "US", "US", "GB", "NL", "IN", "BR")
PLANS = ("free", "free", "free", "pro", "pro", "scale")


class Visitors(msgspec.Struct, frozen=True):
    """A project's visitors, and what they did in the days before `until`."""

    project_id: int
    events: int
    persons: int
    days: int
    until: datetime


class PersonRow(NamedTuple):
    """A person as it is stored; `properties` is JSON."""

    project_id: int
    id: UUID
    properties: str
    email: str
    is_identified: bool
    created_at: datetime


class DistinctIdRow(NamedTuple):
    """A distinct id as it is stored."""

    project_id: int
    distinct_id: str
    person_id: UUID
    created_at: datetime


class EventRow(NamedTuple):
    """An event as it is stored; `properties` is JSON of about 300 bytes."""

    project_id: int
    id: UUID
    event: str
    distinct_id: str
    properties: str
    timestamp: datetime
    created_at: datetime


def person_rows(visitors: Visitors) -> Iterator[tuple[PersonRow, list[DistinctIdRow]]]:
    """Yield all persons with their distinct ids."""
    since = visitors.until - timedelta(days=visitors.days)
    for n in range(visitors.persons):
        id, email = _person_id(n), f"visitor-{n}@example.com"
        properties = (
            f'{{"email": "{email}", "name": "Visitor {n}", "plan": "{PLANS[n % len(PLANS)]}", '
            f'"$geoip_country_code": "{COUNTRIES[n % len(COUNTRIES)]}", "seats": {n % 90}}}'
        )
        ids = [f"visitor-{n}", f"guest-{n}"][: 2 if n % 3 == 0 else 1]
        rows = [DistinctIdRow(visitors.project_id, one, id, since) for one in ids]
        yield PersonRow(visitors.project_id, id, properties, email, True, since), rows


def event_rows(visitors: Visitors) -> Iterator[EventRow]:
    """Yield all events in the order of their time."""
    chance = random.Random(SEED)
    names, limits = list(NAMES), list(accumulate(NAMES.values()))
    step = timedelta(days=visitors.days) / visitors.events
    at = visitors.until - timedelta(days=visitors.days)
    for n in range(visitors.events):
        at += step
        share = chance.random()
        who = int(visitors.persons * share * share)
        name = names[bisect(limits, chance.random() * limits[-1])]
        distinct_id = f"guest-{who}" if who % 3 == 0 and n % 4 == 0 else f"visitor-{who}"
        yield EventRow(
            visitors.project_id, _event_id(at, n), name, distinct_id, _properties(chance, n, who), at, at
        )


def _person_id(n: int) -> UUID:
    return UUID(int=(0x018C << 112) | (7 << 76) | (2 << 62) | n)


def _event_id(at: datetime, n: int) -> UUID:
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | n)


def _properties(chance: random.Random, n: int, who: int) -> str:
    place = chance.randrange(1 << 24)
    return (
        f'{{"$current_url": "https://shop.example.com/item/{place % 977}?ref=mail", '
        f'"$browser": "{BROWSERS[who % 7]}", "$os": "{SYSTEMS[who % 7]}", '
        f'"$session_id": "01a1fdb7-84ef-70e2-b0fb-{n // 20:012}", "$lib": "web", "$lib_version": "1.449.2", '
        f'"$screen_width": 1440, "$device_type": "Desktop", "$referrer": "https://www.google.com/", '
        f'"amount": {place % 40_000 / 100}}}'
    )


def fill_visitors(database_url: str, visitors: Visitors) -> None:
    """Store all of them in the migrated tables of a database."""
    if database_url.startswith("sqlite"):
        _fill_sqlite(database_url, visitors)
    else:
        asyncio.run(_fill_postgres(database_url, visitors))


async def _fill_postgres(url: str, visitors: Visitors) -> None:
    persons, ids = _people(visitors)
    async with unindexed(url, ["event", "person", "person_distinct_id"]) as connection:
        for table, columns, rows in (
            ("person", PersonRow._fields, persons),
            ("person_distinct_id", DistinctIdRow._fields, ids),
            ("event", EventRow._fields, event_rows(visitors)),
        ):
            await connection.copy_records_to_table(table, records=rows, columns=columns, timeout=TIMEOUT_S)
        await connection.execute(TALLY)


def _fill_sqlite(url: str, visitors: Visitors) -> None:
    persons, ids = _people(visitors)
    with unindexed_file(file_of(url)) as connection:
        for table, columns, rows in (
            ("person", PersonRow._fields, persons),
            ("person_distinct_id", DistinctIdRow._fields, ids),
            ("event", EventRow._fields, event_rows(visitors)),
        ):
            insert_rows(connection, table, columns, map(_as_sqlite_keeps_it, rows))
        connection.execute(TALLY)


def _people(visitors: Visitors) -> tuple[list[PersonRow], list[DistinctIdRow]]:
    found = list(person_rows(visitors))
    return [person for person, _ in found], [id for _, ids in found for id in ids]


def _as_sqlite_keeps_it(row: Sequence[Any]) -> list[Any]:
    return [
        value.hex
        if isinstance(value, UUID)
        else value.replace(tzinfo=None).isoformat(" ", "microseconds")
        if isinstance(value, datetime)
        else value
        for value in row
    ]
