"""A first organization with everything that is needed to begin."""

from uuid import UUID

import msgspec

from parley.accounts.api_keys.actions import create_personal_api_key
from parley.accounts.members.actions import add_member
from parley.accounts.organizations.actions import create_organization
from parley.accounts.projects.actions.projects import create_project
from parley.accounts.users.actions import create_user
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import OWNER
from parley.kernel.http.dependencies import Services
from parley.kernel.network.emails import normal_email


class Bootstrapped(msgspec.Struct, frozen=True, kw_only=True):
    """What `parley bootstrap` prints."""

    organization_id: UUID
    project_id: int
    user_id: int
    email: str
    personal_api_key: str
    project_token: str
    secret_api_token: str
    widget_token: str


async def bootstrap(
    db: Db,
    services: Services,
    *,
    email: str,
    password_hash: str,
    organization: str,
    project: str,
    first_name: str = "",
) -> Bootstrapped:
    """Make an organization, its owner, a project with conversations and widget on, and a key for everything.

    Raises Invalid when the address is taken.
    """
    user_id = await create_user(
        db, services, email=email, password_hash=password_hash, first_name=first_name, is_email_verified=True
    )
    organization_id = await create_organization(db, services, name=organization)
    made = await create_project(
        db,
        services,
        organization_id=organization_id,
        name=project,
        conversations_enabled=True,
        settings={"widget_enabled": True},
    )
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=OWNER)
    key = await create_personal_api_key(db, services, user_id=user_id, label="bootstrap", scopes=["*"])
    assert made.widget_token is not None  # conversations are on
    return Bootstrapped(
        organization_id=organization_id,
        project_id=made.id,
        user_id=user_id,
        email=normal_email(email),
        personal_api_key=key.value,
        project_token=made.api_token,
        secret_api_token=made.secret_api_token,
        widget_token=made.widget_token,
    )
