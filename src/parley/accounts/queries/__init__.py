"""Everything that reads the tables of accounts."""

from parley.accounts.queries.invites import invite_by_id, invite_page, n_invites
from parley.accounts.queries.keys import key_by_id, key_page, n_keys
from parley.accounts.queries.me import caller_as_shown
from parley.accounts.queries.memberships import (
    current_organization_id,
    member_by_uuid,
    member_ids,
    member_page,
    n_members,
)
from parley.accounts.queries.organizations import (
    n_organizations,
    organization_by_id,
    organization_exists,
    organization_page,
)
from parley.accounts.queries.principals import KeyUse, principal_by_key_hash, principal_by_session_hash
from parley.accounts.queries.projects import (
    n_projects,
    project_by_api_token,
    project_by_id,
    project_by_secret_hash,
    project_by_widget_token,
    project_ids_of_user,
    project_out,
    project_page,
    secret_tokens,
    signing_secrets,
)
from parley.accounts.queries.roles import (
    is_role_name_taken,
    members_with_roles,
    n_roles,
    role_by_id,
    role_membership_by_id,
    role_page,
)
from parley.accounts.queries.users import BASIC_COLUMNS, user_id_by_email, user_of

__all__ = [
    "BASIC_COLUMNS",
    "KeyUse",
    "caller_as_shown",
    "current_organization_id",
    "invite_by_id",
    "invite_page",
    "is_role_name_taken",
    "key_by_id",
    "key_page",
    "member_by_uuid",
    "member_ids",
    "member_page",
    "members_with_roles",
    "n_invites",
    "n_keys",
    "n_members",
    "n_organizations",
    "n_projects",
    "n_roles",
    "organization_by_id",
    "organization_exists",
    "organization_page",
    "principal_by_key_hash",
    "principal_by_session_hash",
    "project_by_api_token",
    "project_by_id",
    "project_by_secret_hash",
    "project_by_widget_token",
    "project_ids_of_user",
    "project_out",
    "project_page",
    "role_by_id",
    "role_membership_by_id",
    "role_page",
    "secret_tokens",
    "signing_secrets",
    "user_id_by_email",
    "user_of",
]
