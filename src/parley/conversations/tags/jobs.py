"""Changes of tags that many tickets have go on in the background."""

from parley.conversations.tags.actions import WORK, change_the_rest
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(WORK, timeout_s=3600)
async def change_tickets(services: Services, work: Work) -> None:
    """Change the tickets of a tag that is renamed, merged or deleted, in batches."""
    await change_the_rest(services, work)
