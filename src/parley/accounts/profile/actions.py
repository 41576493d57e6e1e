"""What people change about themselves."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from parley.accounts.members.actions import set_current
from parley.accounts.password_reset.actions import change_password
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.passwords.rules import check_password
from parley.accounts.profile.schemas import MePatch
from parley.accounts.projects.queries.projects import project_of_user
from parley.accounts.sign_in import actions as signing
from parley.accounts.users.actions import change_user
from parley.accounts.users.queries import user_row
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, PermissionDenied, too_long
from parley.kernel.http.authorization import Principal
from parley.kernel.http.patches import patched_fields
from parley.kernel.services import Services

MAX_HEDGEHOG_BYTES = 16 * 1024
FIELDS = ("first_name", "last_name", "hedgehog_config", "role_at_organization", "undo_send_s", "theme_mode")


async def update_profile(services: Services, principal: Principal, patch: MePatch, address: str) -> Principal:
    """Change the caller, all or nothing, and return the caller as of then. Opens its own transaction."""
    _check_size(patch)
    password_hash = await _new_password(services, principal, patch, address)
    async with services.database.transaction() as db:
        place = await _new_place(db, principal, patch)
        changes = patched_fields(patch, *FIELDS) | await _notification_settings(db, principal, patch)
        await change_user(db, services, principal.user_id, changes)
        if password_hash is not None:
            user_id, but_session = principal.user_id, principal.session_hash
            keeps_keys = patch.keep_personal_api_keys is True
            await change_password(
                db, services, user_id, password_hash, but_session=but_session, keeps_keys=keeps_keys
            )
        if place is None:
            return principal
        organization_id, project_id = place
        current = await set_current(
            db,
            services,
            user_id=principal.user_id,
            organization_id=organization_id,
            project_id=project_id,
        )
        return replace(principal, current_project_id=current)


async def _notification_settings(db: Db, principal: Principal, patch: MePatch) -> dict[str, Any]:
    if patch.notification_settings is UNSET:
        return {}
    stored = (await user_row(db, principal.user_id, is_locking=True))["notification_settings"] or {}
    return {"notification_settings": stored | msgspec.to_builtins(patch.notification_settings)}


def _check_size(patch: MePatch) -> None:
    if len(msgspec.json.encode(patched_fields(patch, "hedgehog_config"))) > MAX_HEDGEHOG_BYTES:
        raise too_long(MAX_HEDGEHOG_BYTES, "hedgehog_config", "bytes")


async def _new_password(services: Services, principal: Principal, patch: MePatch, address: str) -> str | None:
    """Return the hash of the password that the caller wants, once the current one has been proved."""
    if patch.password is UNSET:
        return None
    if principal.is_key:
        raise PermissionDenied("A password can only be changed in a session, not with a key.")
    if patch.current_password is UNSET or not patch.current_password:
        raise Invalid(
            "This field is required when updating your password.", code="required", attr="current_password"
        )
    try:
        # Not the rule of who may sign in with it: an owner whose password is known to others must be able to change it.
        await signing.check_password(
            services, email=principal.email, password=patch.current_password, address=address
        )
    except Invalid as error:
        raise Invalid("Your current password is incorrect.", attr="current_password") from error
    check_password(patch.password, email=principal.email)
    return await hash_password(patch.password, address=address)


async def _new_place(db: Db, principal: Principal, patch: MePatch) -> tuple[UUID, int | None] | None:
    """Return the organization and project that the caller wants to work in."""
    wanted: Any = patch.set_current_organization
    if wanted is not UNSET and wanted not in principal.levels:
        raise _no_such("set_current_organization", wanted)
    if patch.set_current_team is UNSET:
        return None if wanted is UNSET else (wanted, None)
    found = await project_of_user(db, principal.user_id, patch.set_current_team)
    if (
        found is None
        or found.organization not in principal.levels
        or (wanted is not UNSET and found.organization != wanted)
    ):
        raise _no_such("set_current_team", patch.set_current_team)
    return found.organization, found.id


def _no_such(attr: str, value: object) -> Invalid:
    return Invalid(f'Invalid pk "{value}" - object does not exist.', code="does_not_exist", attr=attr)
