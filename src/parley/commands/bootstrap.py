"""`parley bootstrap`: a first organization with its owner, a project and a key."""

import argparse
from typing import Any

import msgspec

from parley.commands.command_database import run_in_transaction
from parley.commands.output import tell
from parley.commands.passwords import hash_given_password


def add_to(commands: Any) -> None:
    parser = commands.add_parser("bootstrap", help="make an organization with its owner, a project and a key")
    parser.add_argument(
        "--email", required=True, help="address of the owner, who must not have an account yet"
    )
    parser.add_argument("--password", required=True)
    parser.add_argument("--organization", required=True, help="its name")
    parser.add_argument("--project", required=True, help="the name of its first project")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make them and print their ids and tokens."""
    from parley.accounts.organizations import tables as organizations
    from parley.accounts.projects import tables as projects
    from parley.accounts.setup.actions import bootstrap
    from parley.kernel.network.emails import check_email
    from parley.kernel.text.names import check_name

    password_hash = hash_given_password(arguments.password, arguments.email)

    async def work(db: Any, services: Any) -> Any:
        return await bootstrap(
            db,
            services,
            email=check_email(arguments.email),
            password_hash=password_hash,
            organization=check_name(
                arguments.organization, most=organizations.MAX_NAME_LENGTH, attr="organization"
            ),
            project=check_name(arguments.project, most=projects.MAX_NAME_LENGTH, attr="project"),
        )

    made = run_in_transaction(work)
    tell(msgspec.to_builtins(made), as_json=arguments.json)
    return 0
