"""Background work of delivery."""

from parley.email.delivery.sending import send_due
from parley.email.outbound.actions.queue import SEND
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(SEND, timeout_s=1000)
async def send_due_mails(services: Services, work: Work) -> None:
    """Send a project's mails that are due. After a crash a mail may be sent again, under the same `Message-ID`."""
    await send_due(services, work)
