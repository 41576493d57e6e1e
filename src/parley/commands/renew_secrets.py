"""`parley renew-secrets`: go on after the secret key was lost."""

import argparse
import asyncio
from typing import Any

import msgspec

from parley.commands.command_database import opened_services, read_settings, refusing, run_in_transaction
from parley.commands.output import say

RENEWED = (
    "email_domain.dkim_private_key",
    "imap_mailbox.password",
    "project.secret_api_token",
    "project.secret_api_token_backup",
    "project.webhook_signing_secret",
    "project.webhook_signing_secret_backup",
    "sharing_configuration.access_token",
    "totp.sealed_secret",
)
"""Columns of which nothing stays that can't be read."""

LEFT = {
    "idempotency_key.sealed_body": "{n} stored answers to requests with an Idempotency-Key can't be read. They are "
    "deleted after a day; until then such a request answers with an error when it is repeated.",
    "integration.sensitive_config": "{n} secrets of connected accounts can't be read. Connect these accounts again.",
    "outbox.payload": "{n} mails that invite somebody or call a URL can't be sent. Invite these people again.",
    "sms_suppression_key.sealed_key": "{n} lists of erased people who had said STOP can't be read. A text message to them "
    "is refused by Twilio alone, and only from the number that they had answered.",
    "subscription.target_url": "{n} reports can't be sent to their URL any more. Enter the URL in each of them again.",
    "subscription_delivery.target_url": "{n} reports that are being sent, or were, have lost their URL. These are not sent.",
}
"""Columns that only their owners can fill again, or that pass by themselves: what is said of them."""


class Renewal(msgspec.Struct):
    """What was renewed: ids of projects, names of domains and mailboxes, a number of links, addresses of people."""

    projects: list[int]
    domains: list[str]
    mailboxes: list[str]
    n_links: int
    people: list[str]


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "renew-secrets",
        help="after the secret key was lost: give projects whose stored secrets can't be read new ones",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Renew what can't be read and say of which projects; what can be read stays, also with an old key."""
    import parley.main  # noqa: F401 - all tables have to be known
    from parley.kernel.reencryption import unreadable_texts

    renewal = _renew()

    async def what_is_left() -> dict[str, int]:
        async with opened_services(read_settings()) as services:
            return await unreadable_texts(services)

    with refusing():
        left = asyncio.run(what_is_left())
    _tell(renewal, left)
    return 0


def _renew() -> Renewal:
    from parley.accounts.projects.actions.renewal import renew_unreadable_secrets
    from parley.accounts.two_factor.renewal import forget_unreadable_authenticators
    from parley.analytics.sharing.actions.renewal import renew_unreadable_links
    from parley.email.channels.renewal import renew_unreadable_keys
    from parley.email.imap.renewal import forget_unreadable_mailboxes

    return Renewal(
        projects=run_in_transaction(renew_unreadable_secrets),
        domains=[*run_in_transaction(renew_unreadable_keys)],
        mailboxes=[*run_in_transaction(forget_unreadable_mailboxes)],
        n_links=run_in_transaction(renew_unreadable_links),
        people=run_in_transaction(forget_unreadable_authenticators),
    )


def _tell(renewal: Renewal, left: dict[str, int]) -> None:
    said = [
        renewal.projects
        and f"Projects {', '.join(map(str, renewal.projects))} have a new secret token and a new webhook secret. "
        "Give them to the programs that used the old ones.",
        renewal.domains
        and f"The domains {', '.join(renewal.domains)} have new DKIM keys. Publish their records and check them again.",
        renewal.mailboxes
        and f"The mailboxes of {', '.join(renewal.mailboxes)} are to be connected again, with their passwords.",
        renewal.n_links
        and f"{renewal.n_links} links of shared recordings are dead. Each share has a new link; its passwords stay.",
        renewal.people
        and f"The authenticators of {', '.join(renewal.people)} are no good any more. Each of them signs in with a recovery "
        "code and sets one up again; for who has no code left, run `parley user two-factor-off`.",
        *(
            LEFT.get(name, "{n} texts of `" + name + "` can't be read.").format(n=n)
            for name, n in left.items()
        ),
    ]
    for sentence in [one for one in said if one] or ["All stored secrets can be read; nothing was changed."]:
        say(str(sentence))
