"""`parley user`: making a user in an organization, and helping one who has lost phone and recovery codes."""

import argparse
from typing import Any
from uuid import UUID

from parley.commands.command_database import run_in_transaction
from parley.commands.output import CommandRefused, say, tell
from parley.commands.passwords import hash_given_password


def add_to(commands: Any) -> None:
    group = commands.add_parser("user", help="make users, and help them").add_subparsers(
        metavar="ACTION", required=True
    )
    parser = group.add_parser("create", help="make a user in an organization")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--organization", required=True, metavar="ID")
    parser.add_argument("--level", choices=("member", "admin", "owner"), default="member")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)
    parser = group.add_parser(
        "two-factor-off", help="turn two-factor sign-in off for somebody who has lost it"
    )
    parser.add_argument("--email", required=True)
    parser.set_defaults(run=run_two_factor_off)


def run(arguments: argparse.Namespace) -> int:
    """Make the user and print the id."""
    from parley.accounts.members.actions import add_member
    from parley.accounts.memberships.rules import LEVELS
    from parley.accounts.organizations.queries import organization_exists
    from parley.accounts.users.actions import create_user
    from parley.kernel.network.emails import check_email

    organization_id = _organization_id(arguments.organization)
    password_hash = hash_given_password(arguments.password, arguments.email)

    async def work(db: Any, services: Any) -> int:
        if not await organization_exists(db, organization_id):
            raise CommandRefused(f"There is no organization {organization_id}.")
        user_id = await create_user(
            db,
            services,
            email=check_email(arguments.email),
            password_hash=password_hash,
            is_email_verified=True,
        )
        level = LEVELS[arguments.level]
        await add_member(db, services, organization_id=organization_id, user_id=user_id, level=level)
        return user_id

    tell({"user_id": run_in_transaction(work)}, as_json=arguments.json)
    return 0


def run_two_factor_off(arguments: argparse.Namespace) -> int:
    """Forget the authenticator and the recovery codes of a user, who is told by mail."""
    from parley.accounts.audit_log.actions import NOBODY
    from parley.accounts.two_factor.actions.authenticator import turn_two_factor_off
    from parley.accounts.users.queries import user_id_by_email
    from parley.kernel.network.emails import normal_email

    async def work(db: Any, services: Any) -> None:
        user_id = await user_id_by_email(db, normal_email(arguments.email))
        if user_id is None:
            raise CommandRefused(f"Nobody has the address {arguments.email}.")
        await turn_two_factor_off(db, services, user_id, by=NOBODY)

    run_in_transaction(work)
    say(f"{arguments.email} signs in with the password alone now.")
    return 0


def _organization_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandRefused(f"There is no organization {text!r}: an id is a UUID.") from error
