"""`parley api-key create`: a personal API key of a user."""

import argparse
from typing import Any

from parley.commands.command_database import run_in_transaction
from parley.commands.output import CommandRefused, tell


def add_to(commands: Any) -> None:
    group = commands.add_parser("api-key", help="make personal API keys").add_subparsers(
        metavar="ACTION", required=True
    )
    parser = group.add_parser("create", help="make a key of a user")
    parser.add_argument("--email", required=True, help="address of the user")
    parser.add_argument("--label", required=True, help="at most 40 characters")
    parser.add_argument("--scopes", required=True, metavar="a:read,b:write", help="or `*`")
    parser.add_argument(
        "--project",
        type=int,
        action="append",
        default=[],
        metavar="ID",
        help="limit the key; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the key and print it, for the only time."""
    from parley.accounts.api_keys.actions import store_key
    from parley.accounts.api_keys.rules import check_scopes
    from parley.accounts.api_keys.schemas import NewKey
    from parley.accounts.api_keys.tables import MAX_LABEL_LENGTH
    from parley.accounts.users.queries import user_id_by_email
    from parley.kernel.network.emails import normal_email
    from parley.kernel.text.names import check_name

    async def work(db: Any, services: Any) -> Any:
        scopes = check_scopes([scope.strip() for scope in arguments.scopes.split(",") if scope.strip()])
        label = check_name(arguments.label, most=MAX_LABEL_LENGTH, attr="label")
        user_id = await user_id_by_email(db, normal_email(arguments.email))
        if user_id is None:
            raise CommandRefused(f"There is no user with the address {arguments.email}.")
        await _check_projects(db, user_id, arguments.project)
        new = NewKey(label=label, scopes=scopes, scoped_teams=arguments.project)
        return await store_key(db, services, user_id, new)

    key = run_in_transaction(work)
    tell({"id": key.id, "personal_api_key": key.value}, as_json=arguments.json)
    return 0


async def _check_projects(db: Any, user_id: int, projects: list[int]) -> None:
    from parley.accounts.projects.queries.projects import project_ids_of_user

    foreign = sorted(set(projects) - await project_ids_of_user(db, user_id))
    if foreign:
        raise CommandRefused(f"The user has no access to the project {foreign[0]}.")
