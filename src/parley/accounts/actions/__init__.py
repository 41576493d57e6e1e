"""Everything that changes the tables of accounts."""

from parley.accounts.actions.first_organization import Bootstrapped, bootstrap
from parley.accounts.actions.keys import create_personal_api_key, use_personal_api_key
from parley.accounts.actions.memberships import add_member, set_current
from parley.accounts.actions.organizations import create_organization
from parley.accounts.actions.passwords import hash_password, is_right_password
from parley.accounts.actions.projects import CreatedProject, create_project
from parley.accounts.actions.users import create_user

__all__ = [
    "Bootstrapped",
    "CreatedProject",
    "add_member",
    "bootstrap",
    "create_organization",
    "create_personal_api_key",
    "create_project",
    "create_user",
    "hash_password",
    "is_right_password",
    "set_current",
    "use_personal_api_key",
]
