"""Background work of integrations."""

from datetime import datetime, timedelta

from parley.integrations.connections.actions.consenting import forget_expired_consents
from parley.integrations.connections.actions.renewing import renew_if_due
from parley.integrations.connections.actions.schedule import RENEW, ask_for_due, bring_forward
from parley.integrations.connections.actions.state import MAIL
from parley.integrations.connections.mails import failure_mail
from parley.integrations.connections.queries.due import failed_account
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, job, on, work
from parley.kernel.services import Services


@job("connections.renew_tokens", every=timedelta(minutes=1))
async def renew_tokens(db: Db, services: Services) -> int:
    """Ask for new tokens for accounts of which half of the old one's life is over. Safe to run twice."""
    return await ask_for_due(db, services.clock.now())


@work(RENEW, timeout_s=60)
async def renew_token(services: Services, work: Work) -> None:
    """Renew one token; a failure is noted on the account, and its next attempt there, too. Safe to run twice."""
    due_at = datetime.fromisoformat(work.payload["due_at"])
    await renew_if_due(services, work.project_id, work.payload["id"], due_at)


@work(MAIL)
async def mail_about_failure(services: Services, work: Work) -> None:
    """Tell whoever has connected an account that it works no more; the Message-ID is the same at every attempt."""
    async with services.database.transaction(write=False) as db:
        failed = await failed_account(db, work.project_id, work.payload["id"])
    if failed is not None:
        await services.mailer.send(failure_mail(failed, work.payload["to"], services.settings, work.id.hex))


@on("clock.set_back", "connections.jobs.renew_what_was_put_off")
async def renew_what_was_put_off(db: Db, _: Services, event: Event) -> None:
    """Have tokens renewed now whose time was reckoned under a wrong clock, and might come much too late."""
    await bring_forward(db, datetime.fromisoformat(event.payload["at"]))


@job("connections.forget_expired_consents", every=timedelta(hours=1), deletes=True)
async def forget_consents(db: Db, services: Services) -> int:
    """Delete what nobody came back for. Safe to run twice."""
    return await forget_expired_consents(db, services.clock.now())
