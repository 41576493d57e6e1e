"""What is left to do after a sign-in has failed."""

from parley.accounts.sign_in.failed_attempts import record_failure
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work("accounts.record_failed_sign_in")
async def record_failed_sign_in(services: Services, work: Work) -> None:
    """Write an entry of the audit log, if there is such a user."""
    await record_failure(services, **work.payload)
