"""The people of the tests: alice owns, bob is a member, mallory owns another organization."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert

from parley.accounts.api_keys.tables import personal_api_key
from parley.accounts.memberships.tables import membership
from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.accounts.sessions.tables import session
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services
from parley.kernel.http.middleware import Middleware
from parley.kernel.ids import new_token, new_uuid, token_hash

PASSWORD = "a long and lovely passphrase"
# Argon2id of PASSWORD with the cheapest parameters: the tests make hundreds of people.
PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$Tl+Kxh7g+C58dZXojY+BlQ$mFPpZYC3tSg80fl15kqpWif7rJn1aaVhiCFvGvVlWuE"
)

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


class MovableClock:
    """Real time until a test moves or freezes it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._shift = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        return (self._frozen or datetime.now(UTC)) + self._shift

    def advance(self, by: timedelta) -> None:
        """Move on by so much."""
        self._shift += by

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stand still, now or at the given instant; return it."""
        self._frozen, self._shift = at or self.now(), timedelta()
        return self._frozen


@dataclass
class TestProject:
    """A project's identity, and its credentials."""

    __test__ = False

    id: int
    organization_id: UUID
    api_token: str
    secret_api_token: str
    widget_token: str

    @property
    def tickets(self) -> str:
        return f"/api/projects/{self.id}/conversations/tickets/"


@dataclass
class Member:
    """A person, with a client that carries a personal API key of scope `*`."""

    user_id: int
    user_uuid: UUID
    email: str
    key: str
    level: int
    organization_id: UUID
    project: TestProject
    client: httpx.AsyncClient

    @property
    def project_id(self) -> int:
        return self.project.id


class Cast:
    """Makes people, projects, keys and sessions straight in the tables; closes the clients at the end."""

    def __init__(self, app: Middleware, services: Services) -> None:
        self._app = app
        self.services = services
        self._clients: list[httpx.AsyncClient] = []

    async def enter(self) -> None:
        async with self.services.database.transaction() as db:
            self.project = await self.make_project(db, await self.make_organization(db))
            self.alice = await self.make_member(db, self.project, level=15, name="alice")
            self.bob = await self.make_member(db, self.project, level=1, name="bob")
            other = await self.make_project(db, await self.make_organization(db))
            self.mallory = await self.make_member(db, other, level=15, name="mallory")
        self.anonymous = self.client()

    async def leave(self) -> None:
        for client in self._clients:
            await client.aclose()

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client of the application in this process."""
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)  # type: ignore[arg-type]
        made = httpx.AsyncClient(transport=transport, base_url="http://parley.test", headers=headers)
        self._clients.append(made)
        return made

    async def make_organization(self, db: Db) -> UUID:
        id, now = new_uuid(), datetime.now(UTC)
        name = new_token(length=10).lower()
        await db.execute(
            insert(organization).values(id=id, name=name, slug=name, created_at=now, updated_at=now)
        )
        return id

    async def make_project(self, db: Db, organization_id: UUID, **settings: Any) -> TestProject:
        now, secret = datetime.now(UTC), new_token("phs_")
        tokens = {"api_token": new_token("phc_"), "widget_public_token": new_token()}
        result = await db.execute(
            insert(project).values(
                uuid=new_uuid(), organization_id=organization_id, name="Hedgehogs", **tokens,
                secret_api_token=self.services.vault.encrypt(secret), secret_api_token_hash=token_hash(secret),
                webhook_signing_secret=self.services.vault.encrypt(WEBHOOK_SECRET),
                conversations_enabled=True, conversations_settings={"widget_enabled": True, **settings},
                created_at=now, updated_at=now,
            )
        )  # fmt: skip
        id = result.inserted_primary_key[0]  # type: ignore[index]
        return TestProject(id, organization_id, tokens["api_token"], secret, tokens["widget_public_token"])

    async def make_member(self, db: Db, project: TestProject, *, level: int, name: str) -> Member:
        now, uuid = datetime.now(UTC), new_uuid()
        email = f"{name}-{new_token(length=8).lower()}@example.com"
        result = await db.execute(
            insert(user_account).values(
                uuid=uuid, email=email, password_hash=PASSWORD_HASH, first_name=name.title(), last_name="Example",
                distinct_id=new_token(), current_organization_id=project.organization_id,
                current_project_id=project.id, created_at=now,
            )
        )  # fmt: skip
        user_id = result.inserted_primary_key[0]  # type: ignore[index]
        await db.execute(
            insert(membership).values(
                id=new_uuid(), organization_id=project.organization_id, user_id=user_id, level=level,
                joined_at=now, updated_at=now,
            )
        )  # fmt: skip
        key = await self._add_key(db, user_id, ["*"])
        client = self.client(Authorization=f"Bearer {key}")
        return Member(user_id, uuid, email, key, level, project.organization_id, project, client)

    async def _add_key(
        self,
        db: Db,
        user_id: int,
        scopes: list[str],
        projects: Sequence[int] = (),
        organizations: Sequence[UUID] = (),
    ) -> str:
        key = new_token("phx_")
        await db.execute(
            insert(personal_api_key).values(
                id=new_token(length=12), user_id=user_id, label="test", value_hash=token_hash(key),
                mask_value=f"{key[:4]}...{key[-4:]}", scopes=scopes, scoped_teams=list(projects),
                scoped_organizations=[str(id) for id in organizations], created_at=datetime.now(UTC),
            )
        )  # fmt: skip
        return key

    async def make_key(
        self,
        member: Member,
        scopes: list[str],
        *,
        projects: Sequence[int] = (),
        organizations: Sequence[UUID] = (),
    ) -> httpx.AsyncClient:
        """Return a client whose new key of the member has these scopes and limits."""
        async with self.services.database.transaction() as db:
            key = await self._add_key(db, member.user_id, scopes, projects, organizations)
        return self.client(Authorization=f"Bearer {key}")

    async def sign_in(self, member: Member) -> httpx.AsyncClient:
        """Return a client with a session of the member, echoing the CSRF token."""
        token, now = new_token(), datetime.now(UTC)
        async with self.services.database.transaction() as db:
            await db.execute(
                insert(session).values(
                    token_hash=token_hash(token), user_id=member.user_id, created_at=now,
                    expires_at=now + timedelta(days=14),
                )
            )  # fmt: skip
        csrf = self.services.vault.signature("csrf", token)
        client = self.client(**{"X-CSRFToken": csrf})
        client.cookies.set("parley_session", token)
        client.cookies.set("parley_csrf", csrf)
        return client
