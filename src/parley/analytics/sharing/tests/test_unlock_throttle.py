"""The limits on guessing, without waiting for a minute."""

from datetime import timedelta

import pytest

from parley.analytics.sharing.unlock_throttle import RESERVE, VOLUME, WRONG, UnlockThrottle
from parley.kernel.errors import Throttled
from parley.kernel.ids import new_token


async def passes(services, token, address):
    try:
        await UnlockThrottle(services, token, address).count_try()
    except Throttled:
        return False
    return True


@pytest.fixture
def token(services, clock):
    clock.freeze()
    return new_token()


async def test_one_address_has_the_volume_and_no_more_until_the_minute_is_over(services, token, clock):
    assert [await passes(services, token, "192.0.2.1") for _ in range(VOLUME.most + 5)] == [
        *[True] * VOLUME.most,
        *[False] * 5,
    ]
    assert await passes(services, new_token(), "192.0.2.1")
    clock.advance(timedelta(seconds=61))
    assert await passes(services, token, "192.0.2.1")


async def test_a_flood_of_others_keeps_nobody_out(services, token):
    known = UnlockThrottle(services, token, "192.0.2.2")
    await known.passed()
    for _ in range(VOLUME.most + 50):
        await passes(services, token, "192.0.2.1")
    assert [await passes(services, token, "192.0.2.3") for _ in range(5)] == [True, True, True, False, False]
    assert sum([await passes(services, token, "192.0.2.2") for _ in range(40)]) == 30


async def test_what_a_link_can_cost_is_bounded_whatever_the_number_of_addresses(services, token):
    tried = [await passes(services, token, f"198.51.{n >> 8}.{n & 255}") for n in range(1000)]
    assert sum(tried) == VOLUME.most + RESERVE.most


async def test_strangers_from_everywhere_keep_nobody_out_who_is_known(services, token):
    await UnlockThrottle(services, token, "192.0.2.2").passed()
    for n in range(VOLUME.most + RESERVE.most + 1):
        await passes(services, token, f"198.51.{n >> 8}.{n & 255}")
    assert not await passes(services, token, "192.0.2.3")
    assert sum([await passes(services, token, "192.0.2.2") for _ in range(40)]) == 30


async def test_the_networks_of_one_line_have_few_tries_together(services, token):
    for n in range(VOLUME.most):
        await passes(services, token, f"192.0.2.{n}")
    tried = [await passes(services, token, f"2001:db8:7:{n:x}::1") for n in range(100)]
    assert sum(tried) == 9 and await passes(services, token, "2001:db8:8::1")


async def test_wrong_ones_are_charged_for_the_link_and_wait_a_minute(services, token):
    for n in range(WRONG.most):
        await UnlockThrottle(services, token, f"192.0.2.{n}").count_wrong()
    with pytest.raises(Throttled) as caught:
        await UnlockThrottle(services, token, "192.0.2.200").count_wrong()
    assert caught.value.headers["Retry-After"] == "60"
