"""Background work of interpretation."""

from uuid import UUID

from parley.email.inbound.actions.receiving import INTERPRET
from parley.email.interpretation.actions.interpreting import interpret
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(INTERPRET, timeout_s=120)
async def interpret_mail(services: Services, work: Work) -> None:
    """Make a message of a mail that came in, or say in the ledger why it is none. Safe to repeat."""
    row_id = UUID(work.payload["id"])
    await interpret(services, work.project_id, row_id, is_forced=work.payload.get("is_forced", False))
