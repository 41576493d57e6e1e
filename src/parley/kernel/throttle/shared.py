"""The same counters in Redis, for all processes. The rules of `limit.py`, in the language of Redis."""

from typing import Any

from parley.kernel.redis.cache import RedisCache
from parley.kernel.throttle.limit import LONGEST_WAIT_S, SKEW_S, Count, Limit, Window

PREFIX = "parley:throttle:"

# KEYS[i] has ARGV[3i-1..3i+1]: most, window_s, first_wait_s. Answers with n and ends_at of each that passed; in place of
# the first that didn't, -1 and how long to wait. Numbers with fractions travel as text.
HIT = f"""
local function exact(number) return string.format('%.6f', number) end
local now, answer = tonumber(ARGV[1]), {{}}
for i, key in ipairs(KEYS) do
  local most, window_s, first_wait_s = tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i]), tonumber(ARGV[3*i+1])
  local found = redis.call('HMGET', key, 'n', 'last_at', 'ends_at')
  local n, last_at, ends_at = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  if not (n and last_at and ends_at) or now >= ends_at or now < ends_at - window_s - {SKEW_S}
      or last_at > now + {SKEW_S} then
    n, last_at, ends_at = 0, now, now + window_s
  end
  local wait_s = 0
  if n >= most then
    wait_s = ends_at - now
    if first_wait_s > 0 then
      local pause_s = math.min(first_wait_s * 2 ^ math.min(n - most, 10), {LONGEST_WAIT_S})
      wait_s = last_at + pause_s - now
    end
  end
  if wait_s > 0 then
    answer[#answer + 1] = -1
    answer[#answer + 1] = exact(wait_s)
    return answer
  end
  redis.call('HSET', key, 'n', n + 1, 'last_at', exact(now), 'ends_at', exact(ends_at))
  redis.call('EXPIRE', key, math.ceil(ends_at - now) + 1)
  answer[#answer + 1] = n + 1
  answer[#answer + 1] = exact(ends_at)
end
return answer
"""
TAKE_BACK = """
if tonumber(redis.call('HGET', KEYS[1], 'n') or '0') > 0 then redis.call('HINCRBY', KEYS[1], 'n', -1) end
"""


class SharedCounters:
    """What all processes count together. Where Redis does not answer, each counts for itself."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache

    async def hit(self, counts: list[Count], now: float) -> list[tuple[int, float]]:
        """Count in order, up to the first that must wait. Return `(n, ends_at)` of each, or `(-1, wait_s)` of that one."""
        keys = [_name(count.limit, count.place) for count in counts]
        limits = [count.limit for count in counts]
        numbers = [str(n) for one in limits for n in (one.most, one.window_s, one.first_wait_s)]
        answer: list[Any] = await self._cache.run_script(HIT, keys, [repr(now), *numbers]) or []
        return [(int(n), float(at)) for n, at in zip(answer[::2], answer[1::2], strict=True)]

    async def find(self, limit: Limit, key: bytes) -> Window | None:
        """Return what is counted for a key."""
        command = "return redis.call('HMGET', KEYS[1], 'n', 'last_at', 'ends_at')"
        found = await self._cache.run_script(command, [_name(limit, key)], [])
        if not found or None in found:
            return None
        return Window(int(found[0]), float(found[1]), float(found[2]))

    async def take_back(self, limit: Limit, key: bytes) -> None:
        """Forget one."""
        await self._cache.run_script(TAKE_BACK, [_name(limit, key)], [])

    async def forget(self, limit: Limit, key: bytes) -> None:
        """Forget all."""
        await self._cache.delete(_name(limit, key))


def _name(limit: Limit, key: bytes) -> str:
    return f"{PREFIX}{limit.name}:{key.hex()}"
