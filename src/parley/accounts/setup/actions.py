"""The first organization of a server, with everything that is needed to begin."""

from uuid import UUID

import msgspec

from parley.accounts.api_keys.actions import store_key
from parley.accounts.api_keys.schemas import NewKey
from parley.accounts.members.actions import add_member
from parley.accounts.organizations import tables as organizations
from parley.accounts.organizations.actions import create_organization
from parley.accounts.organizations.schemas import NewOrganization
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.passwords.rules import check_password
from parley.accounts.projects import tables as projects
from parley.accounts.projects.actions.projects import CreatedProject, change_project, create_project
from parley.accounts.sessions.actions import open_session
from parley.accounts.users import tables as users
from parley.accounts.users.actions import create_user
from parley.accounts.users.queries import has_user
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import OWNER
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.network.emails import check_email, normal_email
from parley.kernel.services import Services
from parley.kernel.text.names import check_name
from parley.kernel.text.time_zones import check_time_zone


class FirstOwner(msgspec.Struct, frozen=True, kw_only=True):
    """What the set-up page asks for."""

    first_name: str
    email: str
    password: str
    organization: str
    project: str
    timezone: str = "UTC"


class SetUp(msgspec.Struct, frozen=True):
    """The project that was made, and the session of its owner."""

    project_id: int
    session: OpenedSession


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


async def make_first_owner(services: Services, owner: FirstOwner, *, address: str) -> SetUp:
    """Make organization, project with conversations and widget on, and owner, and sign the owner in.

    Raises Invalid for a bad field and NotFound as soon as anybody has an account.
    """
    first_name = check_name(owner.first_name, most=users.MAX_NAME_LENGTH, attr="first_name")
    email = check_email(owner.email)
    organization = check_name(owner.organization, most=organizations.MAX_NAME_LENGTH, attr="organization")
    project = check_name(owner.project, most=projects.MAX_NAME_LENGTH, attr="project")
    timezone = check_time_zone(owner.timezone)
    check_password(owner.password, email=email)
    password_hash = await hash_password(owner.password, address=address)
    async with services.database.transaction() as db:
        if await has_user(services.database):
            raise NotFound
        user_id, made = await _make_first_organization(
            db,
            services,
            email=email,
            password_hash=password_hash,
            first_name=first_name,
            organization=organization,
            project=project,
        )
        await change_project(db, services, made.id, {"timezone": timezone})
        return SetUp(made.id, await open_session(db, services, user_id, method="password"))


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
    user_id, made = await _make_first_organization(
        db,
        services,
        email=email,
        password_hash=password_hash,
        first_name=first_name,
        organization=organization,
        project=project,
    )
    key = await store_key(db, services, user_id, NewKey(label="bootstrap", scopes=["*"]))
    assert made.widget_token is not None  # conversations are on
    return Bootstrapped(
        organization_id=made.organization_id,
        project_id=made.id,
        user_id=user_id,
        email=normal_email(email),
        personal_api_key=key.value,
        project_token=made.api_token,
        secret_api_token=made.secret_api_token,
        widget_token=made.widget_token,
    )


async def _make_first_organization(
    db: Db,
    services: Services,
    *,
    email: str,
    password_hash: str,
    first_name: str,
    organization: str,
    project: str,
) -> tuple[int, CreatedProject]:
    """Make all but the way in; return the owner's id and the project."""
    user_id = await create_user(
        db, services, email=email, password_hash=password_hash, first_name=first_name, is_email_verified=True
    )
    organization_id = await create_organization(db, services, NewOrganization(organization))
    made = await create_project(
        db,
        services,
        organization_id=organization_id,
        name=project,
        made_by=user_id,
        conversations_enabled=True,
        settings={"widget_enabled": True},
    )
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=OWNER)
    return user_id, made
