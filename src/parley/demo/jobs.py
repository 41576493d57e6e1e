"""Background work of the demo: its data is made in small pieces."""

from parley.demo.rules import LOAD
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(LOAD, ahead_s=0)
async def load_demo_part(services: Services, work: Work) -> None:
    """Make a part of the demo data, such as ten conversations, and ask for the next one. Safe to run twice.

    Raises Invalid where it was revived after it had been given up, and something speaks against demo data by now.
    """
    from parley.demo.loading import load_part  # its texts are needed once in the life of a server
    from parley.demo.obstacles import check_may_still_come

    await check_may_still_come(services, work)
    async with work.turns:
        await load_part(services, work)
