"""Pauses of work that goes on for long, so that it slows nobody down."""

import asyncio
from contextlib import suppress

from parley.kernel.jobs.registry import Work

REST_FACTOR = 9
"""Work that rests after each piece takes a tenth of the time; the busier the machine, the longer a piece and its rest."""
LONGEST_REST_S = 20.0


def rest_s(took_s: float) -> float:
    """Return for how long work rests after a piece that took so many seconds."""
    return min(LONGEST_REST_S, REST_FACTOR * max(0.0, took_s))


async def rest(work: Work, took_s: float) -> None:
    """Wait after a piece of work in proportion to what it took; a process that ends isn't waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(rest_s(took_s)):
            await work.stopping.wait()
