"""`parley user create`: a user who is a member of an organization."""

import argparse
from typing import Any
from uuid import UUID

from parley.commands.command_database import run_in_transaction
from parley.commands.output import CommandRefused, tell
from parley.commands.passwords import hash_given_password


def add_to(commands: Any) -> None:
    group = commands.add_parser("user", help="make users").add_subparsers(metavar="ACTION", required=True)
    parser = group.add_parser("create", help="make a user in an organization")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--organization", required=True, metavar="ID")
    parser.add_argument("--level", choices=("member", "admin", "owner"), default="member")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


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


def _organization_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandRefused(f"There is no organization {text!r}: an id is a UUID.") from error
