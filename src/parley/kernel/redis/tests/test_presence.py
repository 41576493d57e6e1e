"""Who is where at this moment: known in all processes, in bounds, and soon forgotten."""

import asyncio

import pytest

from parley.kernel.redis import presence as presence_module
from parley.kernel.redis.live import Live
from parley.kernel.redis.presence import LASTS_S, WRITING_LASTS_S, Presence


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def presence(watch: Watch) -> Presence:
    return Presence(Live(), watch)


async def test_only_what_is_new_is_told_as_news(presence):
    steps = [
        ("looking", True),
        ("looking", False),
        ("writing", True),
        ("writing", False),
        ("looking", True),
        ("gone", True),
    ]
    for doing, is_new in [*steps, ("gone", False)]:
        assert await presence.tell("1:a", 7, doing) == is_new, doing
    assert presence.at("1:a") == {}


async def test_somebody_is_at_one_place_and_not_at_another(presence):
    await presence.tell("1:a", 7, "looking")
    await presence.tell("1:a", 8, "writing")
    await presence.tell("1:b", 9, "looking")
    assert presence.at("1:a") == {7: "looking", 8: "writing"}
    assert presence.at("2:a") == {}


async def test_who_says_nothing_more_stops_writing_and_is_gone(presence, watch):
    await presence.tell("1:a", 7, "writing")
    watch.time = WRITING_LASTS_S
    assert presence.at("1:a") == {7: "looking"}
    watch.time = LASTS_S
    assert presence.at("1:a") == {}


async def test_what_is_kept_has_bounds(presence, watch, monkeypatch):
    monkeypatch.setattr(presence_module, "MOST_PLACES", 3)
    monkeypatch.setattr(presence_module, "MOST_AT_ONE", 2)
    for user_id in (1, 2, 3):
        await presence.tell("crowd", user_id, "looking")
    assert list(presence.at("crowd")) == [2, 3]
    for place in "abc":
        await presence.tell(place, 1, "looking")
    assert presence.at("crowd") == {} and presence.at("c") == {1: "looking"}
    watch.time = LASTS_S
    await presence.tell("late", 1, "looking")
    assert list(presence._places) == ["late"]


async def test_processes_hear_of_each_other(redis_url):
    lives = Live(redis_url), Live(redis_url)
    here, there = map(Presence, lives)
    async with asyncio.timeout(60):
        for live in lives:
            await live.start()
        while not there.at("1:a"):  # until the other side's subscription stands
            await here.tell("1:a", 7, "writing")
            await asyncio.sleep(0.02)
        assert there.at("1:a") == {7: "writing"}
        await there.tell("1:a", 7, "gone")
        while here.at("1:a"):
            await asyncio.sleep(0.02)
    for live in lives:
        await live.stop()
