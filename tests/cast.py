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
from parley.kernel.http.middleware import Middleware
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.kernel.services import Services

PASSWORD = "a long and lovely passphrase"
# Argon2id of PASSWORD with the cheapest parameters: the tests make hundreds of people.
PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$Tl+Kxh7g+C58dZXojY+BlQ$mFPpZYC3tSg80fl15kqpWif7rJn1aaVhiCFvGvVlWuE"
)

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="

INSERT_ORGANIZATIONS = insert(organization)
INSERT_PROJECTS = insert(project).returning(project.c.id, sort_by_parameter_order=True)
INSERT_USERS = insert(user_account).returning(user_account.c.id, sort_by_parameter_order=True)
INSERT_MEMBERSHIPS = insert(membership)
INSERT_KEYS = insert(personal_api_key)


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
            mine, others = await self._make_organizations(db, 2)
            self.project, other = await self._make_projects(db, mine, others)
            alice, bob, mallory = (
                (self.project, 15, "alice"),
                (self.project, 1, "bob"),
                (other, 15, "mallory"),
            )
            self.alice, self.bob, self.mallory = await self._make_members(db, alice, bob, mallory)
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
        [made] = await self._make_organizations(db, 1)
        return made

    async def make_project(self, db: Db, organization_id: UUID, **settings: Any) -> TestProject:
        [made] = await self._make_projects(db, organization_id, **settings)
        return made

    async def make_member(self, db: Db, project: TestProject, *, level: int, name: str) -> Member:
        [made] = await self._make_members(db, (project, level, name))
        return made

    async def _make_organizations(self, db: Db, count: int) -> list[UUID]:
        now = datetime.now(UTC)
        names = {new_uuid(): new_token(length=10).lower() for _ in range(count)}
        rows = [
            {"id": id, "name": name, "slug": name, "created_at": now, "updated_at": now}
            for id, name in names.items()
        ]
        await db.execute(INSERT_ORGANIZATIONS, rows)
        return list(names)

    async def _make_projects(self, db: Db, *organization_ids: UUID, **settings: Any) -> list[TestProject]:
        made, rows = [], []
        for organization_id in organization_ids:
            secret, api_token, widget_token = new_token("phs_"), new_token("phc_"), new_token()
            made.append(TestProject(0, organization_id, api_token, secret, widget_token))
            rows.append(self._project_row(made[-1], settings))
        for one, id in zip(made, (await db.execute(INSERT_PROJECTS, rows)).scalars(), strict=True):
            one.id = id
        return made

    def _project_row(self, made: TestProject, settings: dict[str, Any]) -> dict[str, Any]:
        now, secret = datetime.now(UTC), made.secret_api_token
        return {
            "uuid": new_uuid(), "organization_id": made.organization_id, "name": "Hedgehogs",
            "api_token": made.api_token, "widget_public_token": made.widget_token,
            "secret_api_token": self.services.vault.encrypt(secret), "secret_api_token_hash": token_hash(secret),
            "webhook_signing_secret": self.services.vault.encrypt(WEBHOOK_SECRET),
            "conversations_enabled": True, "conversations_settings": {"widget_enabled": True, **settings},
            "created_at": now, "updated_at": now,
        }  # fmt: skip

    async def _make_members(self, db: Db, *wanted: tuple[TestProject, int, str]) -> list[Member]:
        users = [self._user_row(project, name) for project, _, name in wanted]
        ids = (await db.execute(INSERT_USERS, users)).scalars().all()
        await db.execute(
            INSERT_MEMBERSHIPS,
            [
                self._membership_row(id, project, level)
                for id, (project, level, _) in zip(ids, wanted, strict=True)
            ],
        )
        keys = await self._add_keys(db, ids, ["*"])
        return [
            Member(
                id, user["uuid"], user["email"], key, level, project.organization_id, project,
                self.client(Authorization=f"Bearer {key}"),
            )
            for id, user, key, (project, level, _) in zip(ids, users, keys, wanted, strict=True)
        ]  # fmt: skip

    def _user_row(self, project: TestProject, name: str) -> dict[str, Any]:
        return {
            "uuid": new_uuid(), "email": f"{name}-{new_token(length=8).lower()}@example.com",
            "password_hash": PASSWORD_HASH, "first_name": name.title(), "last_name": "Example",
            "distinct_id": new_token(), "current_organization_id": project.organization_id,
            "current_project_id": project.id, "created_at": datetime.now(UTC),
        }  # fmt: skip

    def _membership_row(self, user_id: int, project: TestProject, level: int) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "id": new_uuid(), "organization_id": project.organization_id, "user_id": user_id, "level": level,
            "joined_at": now, "updated_at": now,
        }  # fmt: skip

    async def _add_keys(
        self,
        db: Db,
        user_ids: Sequence[int],
        scopes: list[str],
        projects: Sequence[int] = (),
        organizations: Sequence[UUID] = (),
    ) -> list[str]:
        keys = [new_token("phx_") for _ in user_ids]
        limits = {
            "scopes": scopes,
            "scoped_teams": list(projects),
            "scoped_organizations": [*map(str, organizations)],
        }
        rows = [
            {
                "id": new_token(length=12), "user_id": user_id, "label": "test", "value_hash": token_hash(key),
                "mask_value": f"{key[:4]}...{key[-4:]}", "created_at": datetime.now(UTC), **limits,
            }
            for user_id, key in zip(user_ids, keys, strict=True)
        ]  # fmt: skip
        await db.execute(INSERT_KEYS, rows)
        return keys

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
            [key] = await self._add_keys(db, [member.user_id], scopes, projects, organizations)
        return self.client(Authorization=f"Bearer {key}")

    async def sign_in(self, member: Member) -> httpx.AsyncClient:
        """Return a client with a session of the member, echoing the CSRF token."""
        token, now = new_token(), datetime.now(UTC)
        async with self.services.database.transaction() as db:
            await db.execute(
                insert(session).values(
                    token_hash=token_hash(token), user_id=member.user_id, created_at=now,
                    expires_at=now + timedelta(days=14), authenticated_at=self.services.clock.now(),
                    last_seen_at=self.services.clock.now(),
                )
            )  # fmt: skip
        csrf = self.services.vault.signature("csrf", token)
        client = self.client(**{"X-CSRFToken": csrf})
        client.cookies.set("parley_session", token)
        client.cookies.set("parley_csrf", csrf)
        return client
