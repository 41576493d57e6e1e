"""`parley renew-secrets`: go on after the secret key was lost."""

import argparse
from typing import Any

from parley.commands.command_database import run_in_transaction
from parley.commands.output import say


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "renew-secrets",
        help="after the secret key was lost: give projects whose stored secrets can't be read new ones",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Renew what can't be read and say of which projects; what can be read stays."""
    from parley.accounts.projects.actions.renewal import renew_unreadable_secrets
    from parley.analytics.sharing.actions.renewal import renew_unreadable_links
    from parley.email.channels.renewal import renew_unreadable_keys
    from parley.email.imap.renewal import forget_unreadable_mailboxes

    projects = run_in_transaction(renew_unreadable_secrets)
    domains = run_in_transaction(renew_unreadable_keys)
    users = run_in_transaction(forget_unreadable_mailboxes)
    n_links = run_in_transaction(renew_unreadable_links)
    if projects:
        say(
            f"Projects {', '.join(map(str, projects))} have a new secret token and a new webhook secret. "
            "Give them to the programs that used the old ones."
        )
    if domains:
        say(
            f"The domains {', '.join(domains)} have new DKIM keys. Publish their records and check them again."
        )
    if users:
        say(f"The mailboxes of {', '.join(users)} are to be connected again, with their passwords.")
    if n_links:
        say(f"{n_links} links of shared recordings are dead. Each share has a new link; its passwords stay.")
    if not (projects or domains or users or n_links):
        say("All stored secrets can be read; nothing was changed.")
    return 0
