"""Throttles: counting in bounded memory that nobody can push others out of, here and in Redis."""

import asyncio
from datetime import timedelta

import pytest

from parley.kernel.config.settings import Settings
from parley.kernel.errors import Throttled
from parley.kernel.ids import new_token
from parley.kernel.redis.cache import MemoryCache
from parley.kernel.services import Services, open_services
from parley.kernel.throttle import Limit, SlotLimit, Slots, Throttles, counters
from parley.kernel.throttle.counters import Counters
from parley.kernel.throttle.limit import Window, wait_s
from tests.cast import MovableClock

THREE = Limit("three", 3, 60)
GUESS = Limit("guess", 2, 86_400, first_wait_s=60)


@pytest.fixture
def throttles(services: Services) -> Throttles:
    return services.throttles


async def waits(throttles: Throttles, *wanted: tuple[Limit, str]) -> int:
    """Return how long the next one must wait; 0 when it passes."""
    try:
        await throttles.hit(*wanted)
    except Throttled as error:
        return int(error.headers["Retry-After"])
    return 0


async def test_so_many_pass_in_a_window_and_each_key_has_its_own(throttles: Throttles, clock: MovableClock):
    clock.freeze()
    assert [await waits(throttles, (THREE, "ada")) for _ in range(5)] == [0, 0, 0, 60, 60]
    assert await waits(throttles, (THREE, "grace")) == 0
    clock.advance(timedelta(seconds=45))
    assert await waits(throttles, (THREE, "ada")) == 15
    clock.advance(timedelta(seconds=15))
    assert await waits(throttles, (THREE, "ada")) == 0


async def test_limits_are_counted_in_order_up_to_the_first_that_is_reached(throttles: Throttles):
    wide = Limit("wide", 100, 60)
    for _ in range(5):
        await waits(throttles, (THREE, "ada"), (wide, "everybody"))
    (count,) = await throttles.hit((wide, "everybody"))
    assert count.n == 4


async def test_behind_the_free_tries_one_passes_after_each_wait_and_waits_double(
    throttles: Throttles, clock: MovableClock
):
    clock.freeze()
    assert [await waits(throttles, (GUESS, "ada")) for _ in range(3)] == [0, 0, 60]
    for seconds in (60, 120, 240):
        clock.advance(timedelta(seconds=seconds))
        assert await waits(throttles, (GUESS, "ada")) == 0
        assert await waits(throttles, (GUESS, "ada")) == seconds * 2


def test_no_wait_is_longer_than_an_hour():
    assert wait_s(GUESS, Window(n=60, last_at=1000.0, ends_at=90_000.0), 1000.0) == 3600


@pytest.mark.parametrize("back", [timedelta(days=1), timedelta(days=400)])
@pytest.mark.parametrize("limit", [THREE, GUESS])
async def test_a_clock_that_jumps_back_locks_nobody_out(
    throttles: Throttles, clock: MovableClock, limit, back
):
    clock.freeze()
    clock.advance(back)
    for _ in range(4):
        await waits(throttles, (limit, "ada"))
    clock.advance(-back)
    assert await waits(throttles, (limit, "ada")) == 0


async def test_what_is_taken_back_or_forgotten_passes_again(throttles: Throttles):
    for _ in range(10):
        await throttles.take_back(await throttles.hit((THREE, "ada")))
    for _ in range(4):
        counts = await throttles.hit((THREE, "ada"))
        assert counts[0].n == 1
        await throttles.forget(counts[0])
    assert not await throttles.is_counted(THREE, "ada")


async def test_tries_count_before_they_are_made_and_only_what_fails_stays(throttles: Throttles):
    for _ in range(5):
        async with throttles.refused((THREE, "ada")):
            pass
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"):
            async with throttles.refused((THREE, "ada")):
                raise ValueError("wrong")
    assert await waits(throttles, (THREE, "ada")) > 0


async def test_many_at_once_get_no_further(throttles: Throttles):
    found = await asyncio.gather(*(waits(throttles, (THREE, "ada")) for _ in range(50)))
    assert sum(wait == 0 for wait in found) == 3


async def test_made_up_keys_evict_no_counter_and_memory_is_bounded(clock: MovableClock):
    throttles = Throttles(MemoryCache(), clock, new_token())
    for _ in range(3):
        await throttles.hit((THREE, "victim"))
    for n in range(100_001):
        await waits(throttles, (THREE, f"made up {n}"))
    assert await waits(throttles, (THREE, "victim")) > 0
    held = throttles._counters_of(THREE)
    assert len(held) <= counters.MOST_KEYS + counters.SHARED_COUNTERS
    clock.advance(timedelta(seconds=61))
    assert await waits(throttles, (THREE, "victim")) == 0
    assert len(held) == 1


async def test_in_a_flood_newcomers_share_counters_that_refuse_them_earlier(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counters, "MOST_KEYS", 2)
    monkeypatch.setattr(counters, "SHARED_COUNTERS", 1)
    held = Counters(THREE)
    for key in (b"known 1 and longer", b"known 2 and longer"):
        held.hit(key, 0.0)
    assert [held.hit(b"new %d and longer" % n, 1.0)[2] for n in range(4)] == [0.0, 0.0, 0.0, 60.0]
    assert held.hit(b"known 1 and longer", 1.0)[2] == 0.0
    assert held.find(b"new 1 and longer", 1.0) is None


async def test_processes_count_together_where_they_share_redis(settings: Settings, clock: MovableClock):
    """One that has counted nothing itself refuses what others have counted."""
    secret, clocks = new_token(), clock
    first, second = open_services(settings), open_services(settings)
    one, two = (Throttles(made.cache, clocks, secret) for made in (first, second))
    found = [await waits(which, (THREE, "ada")) for which in (one, two, one, two, one)]
    assert [wait > 0 for wait in found[:3]] == [False] * 3
    if settings.redis_url:
        assert all(wait > 0 for wait in found[3:])
        await two.forget((await two.hit((GUESS, "ada")))[0])
        assert not await one.is_counted(GUESS, "ada")
    for made in (first, second):
        await made.cache.close()
        await made.database.close()


async def test_counters_that_redis_has_lost_still_hold_here(services: Services):
    throttles = services.throttles
    for _ in range(3):
        (count,) = await throttles.hit((THREE, "ada"))
    await services.cache.delete(f"parley:throttle:three:{count.place.hex()}")
    assert await waits(throttles, (THREE, "ada")) > 0


async def test_without_redis_each_process_counts_for_itself(
    settings: Settings, clock: MovableClock, stoppable_redis
):
    from parley.kernel.redis.cache import RedisCache

    cache = RedisCache(stoppable_redis.url())
    throttles = Throttles(cache, clock, new_token())
    await throttles.hit((THREE, "ada"))
    stoppable_redis.stop()
    try:
        assert [await waits(throttles, (THREE, "ada")) > 0 for _ in range(3)] == [False, False, True]
    finally:
        stoppable_redis.start()
        await cache.close()


def test_slots_are_given_back_however_it_ends():
    slots, two = Slots(), SlotLimit("two", 2, wait_s=7)
    with slots.taken((two, "ada")), slots.taken((two, "ada")):
        with pytest.raises(Throttled) as refused, slots.taken((two, "ada")):
            pass
        assert refused.value.headers["Retry-After"] == "7"
        with slots.taken((two, "grace")):
            pass
    with pytest.raises(ValueError, match="x"), slots.taken((two, "ada")):
        raise ValueError("x")
    with slots.taken((two, "ada")), slots.taken((two, "ada")):
        pass
    assert not slots._taken
