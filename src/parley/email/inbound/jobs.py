"""Background work of inbound mail."""

from parley.email.inbound.actions.receiving import DELETE_RAW
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(DELETE_RAW, timeout_s=300)
async def delete_raw(services: Services, work: Work) -> None:
    """Delete raw mails whose rows name them no more. Safe to repeat."""
    await services.storage.delete(work.payload["keys"])
