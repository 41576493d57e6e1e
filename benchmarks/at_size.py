"""What an agent does all day, in projects of very different sizes: how long each answer takes, one client at a time."""

import json
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import urlencode

import msgspec

from benchmarks.latency import Client, Step, p50_of, p95_of, waits_ms
from benchmarks.load import Ask
from benchmarks.operations import WIDGET_MESSAGE, message_body
from benchmarks.rows import PRIORITIES, STATUSES, TAGS
from benchmarks.throughput import Place
from benchmarks.words import COMMON, SEED, language
from benchmarks.world import Ticket, tickets_of

FAR_PAGE = 5_000
BULK = 500
ROUND_S = 20.0
"""No operation is asked for longer than this in one round."""

TITLES = {
    "list": "list, default",
    "filters": "list, three filters, another combination each time",
    "view": "list of a saved view, the same few again and again",
    "far": "list, page 5 000 or the last full one, by `next`",
    "rare": "search, a rare word (10 to 50 tickets)",
    "common": "search, a common word (10 to 20 % of the tickets)",
    "anew": "search, a common word, right after a customer's message: its count isn't remembered",
    "number": "search, a number",
    "get": "retrieve one ticket",
    "patch": "PATCH, the status",
    "reply": "reply",
    "message": "widget message",
    "bulk": "bulk status of 500 tickets",
    "unread": "`unread_count`, cached",
    "counted": "`unread_count`, right after a customer's message",
}
# How often each is asked in a round; 200 where nothing else is said.
TIMES = {"bulk": 12, "common": 40, "anew": 20, "rare": 40, "far": 100, "counted": 60}
VIEWS: tuple[dict[str, Any], ...] = (
    {"status": ["new", "open"], "assignee": ["me"]},
    {"status": ["new", "open"], "assignee": ["unassigned"]},
    {"priority": ["high", "critical"], "status": ["open", "pending"]},
    {"tags": ["vip"], "tagsMatch": "any", "status": ["open"]},
    {"sla": "breached", "status": ["open", "pending"]},
)


class Timed(msgspec.Struct, frozen=True):
    """The milliseconds of every answer to an operation, by place and round."""

    name: str
    waits: list[list[list[float]]]

    def p50_ms(self, place: int) -> float:
        """The median of the rounds' medians."""
        return statistics.median(p50_of(round_) for round_ in self.waits[place])

    def p95_ms(self, place: int) -> float:
        return p95_of([wait for round_ in self.waits[place] for wait in round_])

    def factor(self, place: int) -> float:
        """The median, over the rounds, of this place's median over that of the first place."""
        pairs = zip(self.waits[place], self.waits[0], strict=True)
        return statistics.median(p50_of(own) / p50_of(first) for own, first in pairs)


class Sample:
    """What is asked for at one place: tickets drawn from all of them, views, and the far page."""

    def __init__(self, place: Place, names: Sequence[str]) -> None:
        self.place, self.path = place, place.world.tickets_path
        source = random.Random(SEED + 2)
        numbers = source.sample(range(1, place.world.tickets + 1), 2 * BULK)
        self.tickets = tickets_of(place.world, numbers)
        self.rare = language().rare if "rare" in names else []
        with Client(place.address, place.world.headers) as client:
            self.views = list(self._make_views(client)) if "view" in names else []
            self.far = self._far_page(client) if "far" in names else None
            if "get" in names:
                for ticket in self.tickets:  # whoever looks first writes that it was read
                    client.answer(self._get(ticket))

    def steps(self, name: str, round_: int) -> Iterator[Step]:
        """Yield what is asked in a round, over and over until it has been asked often enough."""
        asks = list(self._steps(name, round_))
        for n in range(TIMES.get(name, 200)):
            yield asks[n % len(asks)]

    def _steps(self, name: str, round_: int) -> Iterator[Step]:
        if name == "counted":
            for message in self._writes("message", round_):
                yield Step(Ask("GET", f"{self.path}unread_count/"), message)
        elif name == "anew":
            searches = self._reads("common", round_) or []
            for message, search in zip(self._writes("message", round_), searches, strict=False):
                yield Step(search, message)
        else:
            reading = self._reads(name, round_)
            yield from map(Step, self._writes(name, round_) if reading is None else reading)

    def _reads(self, name: str, round_: int) -> list[Ask] | None:
        match name:
            case "list":
                return [Ask("GET", self.path)]
            case "filters":
                return [Ask("GET", f"{self.path}?{query}") for query in filter_queries(round_)]
            case "view":
                return [Ask("GET", f"{self.path}?view={short_id}") for short_id in self.views]
            case "far":
                return [self.far] if self.far else []
            case "rare" | "common" | "number":
                return [Ask("GET", f"{self.path}?search={word}") for word in self._words(name, round_)]
            case "get":
                return [self._get(ticket) for ticket in self.tickets]
            case "unread":
                return [Ask("GET", f"{self.path}unread_count/")]
        return None

    def _writes(self, name: str, round_: int) -> Iterator[Ask]:
        status = "pending" if round_ % 2 else "on_hold"
        if name == "bulk":
            for n in range(TIMES["bulk"]):
                ids = [ticket.id for ticket in self.tickets[:BULK]]
                body = {"ids": ids, "status": status if n % 2 else "open"}
                yield Ask("POST", f"{self.path}bulk_update_status/", json.dumps(body))
            return
        for ticket in self.tickets[: TIMES.get(name, 200)]:
            path = f"{self.path}{ticket.id}/"
            if name == "patch":
                yield Ask("PATCH", path, json.dumps({"status": status}))
            elif name == "reply":
                body = {
                    "message": f"Please look at page {round_} of the manual, it says how. {ticket.number}"
                }
                yield Ask("POST", f"{path}reply/", json.dumps(body))
            elif ticket.is_open_to_session:
                yield Ask("POST", WIDGET_MESSAGE, message_body(ticket))

    def _words(self, name: str, round_: int) -> list[str]:
        if name == "number":
            return [f"%23{ticket.number}" for ticket in self.tickets]
        words = self.rare if name == "rare" else COMMON
        return words[round_ % len(words) :] + words[: round_ % len(words)]

    def _get(self, ticket: Ticket) -> Ask:
        return Ask("GET", f"{self.path}{ticket.id}/")

    def _make_views(self, client: Client) -> Iterator[str]:
        for n, filters in enumerate(VIEWS):
            body = json.dumps({"name": f"View {n}", "filters": filters})
            answer = client.answer(Ask("POST", self.path.replace("tickets/", "views/"), body))
            yield json.loads(answer)["short_id"]

    def _far_page(self, client: Client) -> Ask:
        """Follow `next` for 5 000 pages, or to the last full page, and return the request for that one."""
        ask = before = Ask("GET", self.path)
        for _ in range(FAR_PAGE - 1):
            following = json.loads(client.answer(ask))["next"]
            if following is None:
                return before  # the last page may hold fewer tickets
            before, ask = ask, Ask("GET", following.removeprefix(self.place.address))
        return ask


def filter_queries(round_: int) -> list[str]:
    """Return all combinations of a status, a priority and a tag, in another order in each round."""
    priorities = [priority for priority, _ in PRIORITIES if priority]
    queries = [
        urlencode({"status": status, "priority": priority, "tags": json.dumps([tag])})
        for (status, _), priority, tag in product(STATUSES, priorities, TAGS)
    ]
    random.Random(round_).shuffle(queries)
    return queries


def size_figures(found: Sequence[Timed], sizes: Sequence[int]) -> dict[str, float]:
    """Return how much slower the largest project is than the smallest, and waits in the largest."""
    figures, largest = {}, sizes[-1]
    for one in found:
        figures[f"{one.name}_{sizes[0]}_to_{largest}.times"] = one.factor(-1)
        figures[f"{one.name}_{largest}.ms"] = one.p50_ms(-1)
        figures[f"{one.name}_p95_{largest}.ms"] = one.p95_ms(-1)
    by_name = {one.name: one for one in found}
    if {"list", "far"} <= by_name.keys():
        figures[f"far_page_{largest}.times"] = by_name["far"].p50_ms(-1) / by_name["list"].p50_ms(-1)
    return figures


def measure_sizes(places: Sequence[Place], names: Sequence[str], rounds: int) -> Iterator[Timed]:
    """Yield each operation once it has been asked at all places by turns, in an order that changes with the round."""
    samples = [Sample(place, names) for place in places]
    for name in names:
        waits: list[list[list[float]]] = [[] for _ in places]
        for sample in samples:
            _ask(sample, name, -1)
        for round_ in range(rounds):
            order = list(zip(samples, waits, strict=True))
            for sample, mine in order if round_ % 2 == 0 else reversed(order):
                mine.append(_ask(sample, name, round_))
        yield Timed(name, waits)


def _ask(sample: Sample, name: str, round_: int) -> list[float]:
    headers: Mapping[str, str] = sample.place.world.headers
    return waits_ms(sample.place.address, headers, sample.steps(name, round_), ROUND_S)
