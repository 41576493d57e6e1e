"""A comparison is only fair between equal answers, so they are compared before anything is measured."""

import re
from typing import Any

import httpx

from benchmarks.load import LoadFailed
from benchmarks.operations import requests_of
from benchmarks.world import Ticket, World

INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$")
# The ceiling knows no pages behind the first.
NOT_COMPARED = ("next", "previous")


def check_same_answers(world: World, parley: str, ceiling: str, tickets: list[Ticket]) -> None:
    """Raise LoadFailed unless the list, a ticket and the unread count are the same from both.

    A field that the ceiling lacks is no difference, so that a new one of Parley needs no change of the ceiling.
    """
    for name in ("list", "get", "unread"):
        ask = requests_of(name, world, tickets)[0]
        answers = []
        for address in (parley, ceiling):
            answer = httpx.get(address + ask.path, headers=world.headers)
            answer.raise_for_status()
            answers.append(_comparable(answer.json()))
        different = _first_difference(*answers)
        if different:
            raise LoadFailed(f"Parley and the ceiling differ in {name} at {different}.")


def _comparable(value: Any) -> Any:
    """Return the value with instants written alike."""
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items() if key not in NOT_COMPARED}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, str) and INSTANT.match(value):
        seconds, _, fraction = value.removesuffix("Z").removesuffix("+00:00").partition(".")
        return f"{seconds}.{fraction.ljust(6, '0')}"
    return value


def _first_difference(one: Any, other: Any, at: str = "$") -> str | None:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() >= other.keys():
        found = (_first_difference(one[key], other[key], f"{at}.{key}") for key in other)
        return next((place for place in found if place), None)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = (
            _first_difference(*pair, f"{at}[{place}]")
            for place, pair in enumerate(zip(one, other, strict=True))
        )
        return next((place for place in found if place), None)
    return None if one == other else f"{at}: {str(one)[:200]} and {str(other)[:200]}"
