"""Whole queries of the ticket list: a saved view, parameters and an order, with what they mean together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from parley.conversations.ticket_list.tests.list_model import (
    BOUNDS,
    CHANNELS,
    KEYS,
    KINDS,
    NO_BOUNDS,
    PRIORITIES,
    SLA,
    STATUSES,
    TAGS,
    Fits,
    People,
    Wish,
    belongs,
    bound_fits,
    everything,
    one_in,
    some,
    tags_fit,
)


@dataclass
class Asked:
    """A whole query: the filters of a view, explicit parameters, an order and a page."""

    view: dict[str, Any] | None
    query: dict[str, str]
    fits: list[Fits]
    order: str
    limit: int
    offset: int


# ------------------------------------------------------------------ views


def random_view(random: Random, people: People) -> tuple[dict[str, Any], dict[str, Fits], str | None]:
    """Return the filters of a view, what each dimension of them means, and the view's order."""
    blob: dict[str, Any] = {"own": random.random()}
    meant: dict[str, Fits] = {}
    for name, good in (("status", STATUSES), ("priority", PRIORITIES)):
        if one_in(random, 4):
            blob[name] = names = some(random, good, 0, 4)
            meant[name] = _one_of(name, names)
    if one_in(random, 5):
        blob["channel"] = channel = random.choice((*CHANNELS[:2], "all"))
        meant["channel_source"] = _one_of("channel_source", [] if channel == "all" else [channel])
    if one_in(random, 5):
        blob["sla"] = sla = random.choice((*SLA, "all"))
        meant["sla"] = SLA.get(sla, everything)
    if one_in(random, 4):
        _assign(random, people, blob, meant)
    if one_in(random, 2):
        _tag(random, blob, meant)
    for key, name in (("dateFrom", "date_from"), ("dateTo", "date_to")):
        if one_in(random, 5):
            blob[key] = text = random.choice((*BOUNDS, *NO_BOUNDS[1:3], "all"))
            meant[name] = bound_fits(name, text) or everything
    if one_in(random, 30):
        blob["aiTriageResult"] = ["persisted"]
        meant["ai_triage_result"] = lambda one: False
    order = None
    if one_in(random, 2):
        key, direction = random.choice((*KEYS, "subject")), random.choice((1, -1))
        blob["sorting"] = {"columnKey": key, "order": direction}
        order = f"{'-' if direction == -1 else ''}{key}" if key in KEYS else None
    return blob, meant, order


def _one_of(attribute: str, names: Sequence[str]) -> Fits:
    return (lambda one: getattr(one, attribute) in names) if names else everything


def _assign(random: Random, people: People, blob: dict[str, Any], meant: dict[str, Fits]) -> None:
    choices: list[tuple[Any, tuple[int | None, UUID | None]]] = [
        ("me", (people.me, None)),
        ("unassigned", (None, None)),
        ({"type": "user", "id": people.other}, (people.other, None)),
        ({"type": "role", "id": str(people.roles[0])}, (None, people.roles[0])),
    ]
    chosen = some(random, choices, 0, 3)
    blob["assignee"] = [written for written, _ in chosen]
    whom = [who for _, who in chosen]
    meant["assignee"] = lambda one: not whom or any(belongs(one, who) for who in whom)


def _tag(random: Random, blob: dict[str, Any], meant: dict[str, Fits]) -> None:
    match, names, without = random.choice(("any", "all")), some(random, TAGS, 0, 2), some(random, TAGS, 0, 1)
    blob |= {"tags": [name.upper() for name in names], "tagsMatch": match, "tagsExclude": without}
    meant["tags"] = tags_fit("tags" if match == "any" else "tags_all", names)
    meant["tags_exclude"] = tags_fit("tags_exclude", without)


# ------------------------------------------------------------------ whole queries


def questions(random: Random, people: People, count: int) -> Iterator[Asked]:
    """Yield queries and what they mean, each kind of filter and each order in its turn."""
    orders = cycle(
        [*KEYS, *(f"-{key}" for key in KEYS), "subject", "", "+updated_at", "--updated_at", None, None]
    )
    for _, kind, order in zip(range(count), cycle(KINDS), orders, strict=False):
        kinds = [kind, *random.sample([one for one in KINDS if one is not kind], random.choice((0, 0, 1, 2)))]
        yield _question(random, people, [make(random, people) for make in kinds], order)


def _question(random: Random, people: People, given: Sequence[Wish], order_by: str | None) -> Asked:
    """A view's word holds where the query says nothing of the same that can be read."""
    blob, meant, order = random_view(random, people) if one_in(random, 2) else (None, {}, None)
    read = {wish.name: wish.fits for wish in given if wish.fits is not None}
    dimensions = {name: fits for name, fits in meant.items() if name not in read}
    if "tags_all" in read:
        dimensions.pop("tags", None)
    customers = [read.pop(name) for name in ("distinct_ids", "emails") if name in read]
    fits = [*dimensions.values(), *read.values()]
    if customers:
        fits.append(lambda one: any(fit(one) for fit in customers))
    query = {wish.name: wish.text for wish in given}
    if order_by is not None:
        query["order_by"] = order_by
        order = order_by if order_by.removeprefix("-") in KEYS else order
    return Asked(blob, query, fits, order or "-updated_at", random.randint(4, 40), random.randrange(50))
