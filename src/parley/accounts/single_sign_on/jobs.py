"""The mail to an address that an account has lost."""

from parley.accounts.single_sign_on.mails import released_address
from parley.accounts.single_sign_on.released_addresses import MAIL
from parley.kernel.jobs import Work, work
from parley.kernel.services import Services


@work(MAIL)
async def mail_released_address(services: Services, work: Work) -> None:
    """Tell whoever has the address; the Message-ID is the same at every attempt."""
    mail = released_address(services.settings.site_url, work.payload["email"], work.id)
    await services.mailer.send(mail)
