"""The first account of a server, made on its set-up page."""

import msgspec

from parley.accounts.members.actions import add_member
from parley.accounts.organizations.actions import create_organization
from parley.accounts.passwords.hashing import hash_password
from parley.accounts.passwords.rules import check_password
from parley.accounts.projects.actions.projects import create_project
from parley.accounts.sessions.actions import open_session
from parley.accounts.users.actions import create_user
from parley.accounts.users.queries import has_user
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import OWNER
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.http.dependencies import Services
from parley.kernel.network.emails import check_email
from parley.kernel.text.names import check_name


class FirstOwner(msgspec.Struct, frozen=True, kw_only=True):
    """What the set-up page asks for."""

    first_name: str
    email: str
    password: str
    organization: str
    project: str


class SetUp(msgspec.Struct, frozen=True):
    """The project that was made, and the session of its owner."""

    project_id: int
    session: OpenedSession


async def make_first_owner(services: Services, owner: FirstOwner, *, address: str) -> SetUp:
    """Make organization, project with conversations and widget on, and owner, and sign the owner in.

    Raises Invalid for a bad field and NotFound as soon as anybody has an account.
    """
    checked = FirstOwner(
        first_name=check_name(owner.first_name, most=150, attr="first_name"),
        email=check_email(owner.email),
        password=owner.password,
        organization=check_name(owner.organization, most=64, attr="organization"),
        project=check_name(owner.project, most=200, attr="project"),
    )
    check_password(checked.password, email=checked.email)
    password_hash = await hash_password(checked.password, address=address)
    async with services.database.transaction() as db:
        if await has_user(services.database):
            raise NotFound
        return await _make(db, services, checked, password_hash)


async def _make(db: Db, services: Services, owner: FirstOwner, password_hash: str) -> SetUp:
    user_id = await create_user(
        db,
        services,
        email=owner.email,
        password_hash=password_hash,
        first_name=owner.first_name,
        is_email_verified=True,
    )
    organization_id = await create_organization(db, services, name=owner.organization)
    project = await create_project(
        db,
        services,
        organization_id=organization_id,
        name=owner.project,
        conversations_enabled=True,
        settings={"widget_enabled": True},
    )
    await add_member(db, services, organization_id=organization_id, user_id=user_id, level=OWNER)
    return SetUp(project.id, await open_session(db, services, user_id))
