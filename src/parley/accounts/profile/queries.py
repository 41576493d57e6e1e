"""The caller, with organizations and the current project."""

import msgspec

from parley.accounts.organizations.queries import organizations_of_user
from parley.accounts.profile.schemas import Me
from parley.accounts.projects.queries.projects import project_of_user
from parley.accounts.projects.schemas import ProjectBasic
from parley.accounts.users.queries import undo_send_of, user_row
from parley.accounts.users.schemas import NotificationSettings
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Principal


async def profile_of(db: Db, principal: Principal) -> Me:
    """Return the caller as `users/@me` shows them."""
    row = await user_row(db, principal.user_id)
    organizations = await organizations_of_user(db, principal.user_id)
    if principal.is_key:
        organizations = [one for one in organizations if one.id in principal.levels]
    current = next((one for one in organizations if one.id == row["current_organization_id"]), None)
    return Me(
        id=row["id"],
        uuid=row["uuid"],
        distinct_id=row["distinct_id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        is_email_verified=row["is_email_verified"],
        hedgehog_config=row["hedgehog_config"],
        role_at_organization=row["role_at_organization"],
        date_joined=row["created_at"],
        is_2fa_enabled=row["two_factor_at"] is not None,
        notification_settings=msgspec.convert(row["notification_settings"] or {}, NotificationSettings),
        undo_send_s=undo_send_of(row),
        theme_mode=row["theme_mode"],
        organization=current or next(iter(organizations), None),
        organizations=organizations,
        team=await _team(db, principal),
    )


async def _team(db: Db, principal: Principal) -> ProjectBasic | None:
    if principal.current_project_id is None:
        return None
    return await project_of_user(db, principal.user_id, principal.current_project_id)
