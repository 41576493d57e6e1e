"""Killed while people sign in and an identity provider makes others: nothing happens twice, nobody is there by halves."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.domains.tables import organization_domain
from parley.accounts.memberships.tables import membership
from parley.accounts.oauth_sign_in.tests.fake_provider import PORT, PROVIDERS, FakeProvider
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.password_reset.tables import password_reset
from parley.accounts.saml.tests.company import request_id_of
from parley.accounts.saml.tests.identity_provider import ISSUER, SIGN_ON, SITE, Said, key, posted, signed
from parley.accounts.sessions.tables import session
from parley.accounts.single_sign_on.tables import external_identity
from parley.accounts.two_factor.tables import recovery_code
from parley.accounts.users.actions import create_user
from parley.accounts.users.tables import user_account
from parley.commands.command_database import opened_services
from parley.kernel.config.settings import Settings
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.kernel.services import Services
from tests.cast import PASSWORD, PASSWORD_HASH
from tests.parley_server import Project, migrated_postgres_url
from tests.receiver import receiving
from tests.test_faults import Program

N_PROVISIONED, N_COMING, N_CODES, N_RESETS = 20, 4, 5, 2
ENOUGH = 16
"""After so many that succeeded the server is killed: about the half."""
AT_ONCE = 4
"""How many requests of SCIM wait at once: with more, some are refused and only sent again."""
OWNER, NEW = "owner@example.com", "another long and lovely passphrase"
Try = Callable[[], Awaitable[bool]]


@dataclass
class World:
    """A server with everything that is under way at it, each thing as a request that can be sent again as it is."""

    program: Program
    project: Project
    services: Services
    fake: FakeProvider
    domains: dict[str, UUID] = field(default_factory=dict)
    tries: dict[str, Try] = field(default_factory=dict)
    browsers: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def browser(self, name: str = "", **headers: str) -> httpx.AsyncClient:
        made = httpx.AsyncClient(base_url=self.program.url, headers=headers, timeout=60)
        return self.browsers.setdefault(name or new_token(), made)

    async def add_domain(self, name: str, **more: Any) -> None:
        now, id = self.services.clock.now(), new_uuid()
        row = {
            "id": id, "organization_id": UUID(self.project.organization_id), "domain": name, "created_at": now,
            "verification_challenge": "x", "verified_at": now, "last_verification_retry": now, **more,
        }  # fmt: skip
        async with self.services.database.transaction() as db:
            await db.execute(insert(organization_domain).values(**row))
        self.domains[name] = id

    async def add(self, name: str, begin: Callable[[int], Awaitable[Try]], numbers: range) -> None:
        """Begin something in many browsers side by side."""
        begun = await asyncio.gather(*(begin(number) for number in numbers))
        self.tries |= {f"{name} {number}": one for number, one in zip(numbers, begun, strict=True)}

    async def found(self, statement: Any) -> Sequence[Any]:
        async with self.services.database.transaction(write=False) as db:
            return (await db.execute(statement)).all()

    async def entries(self, action: str) -> Counter[str]:
        """Count the entries of an action by whose account it was done to."""
        people = await self.found(select(user_account.c.id, user_account.c.uuid, user_account.c.email))
        email_of = {id: row.email for row in people for id in (str(row.id), str(row.uuid))}
        logged = select(audit_entry.c.target_id).where(audit_entry.c.action == action)
        return Counter(email_of[row.target_id] for row in await self.found(logged))


def was_let_in(answer: httpx.Response) -> bool:
    return "parley_session" in answer.cookies


async def have_provisioned(world: World) -> None:
    """An identity provider makes people, and takes it for done when they are there already."""
    token = new_token()
    await world.add_domain("scim.test", scim_enabled=True, scim_token_hash=token_hash(token))
    client, waiting = world.browser("scim", authorization=f"Bearer {token}"), asyncio.Semaphore(AT_ONCE)

    async def make(number: int) -> bool:
        address = f"p{number}@scim.test"
        body = {
            "userName": address,
            "emails": [{"value": address, "primary": True}],
            "externalId": f"{number}",
        }
        async with waiting:
            answer = await client.post(f"/scim/v2/{world.domains['scim.test']}/Users", json=body)
        if answer.status_code == 503:  # the machine is busy, and others wait
            return await make(number)
        assert answer.status_code in (201, 409), answer.text
        return answer.status_code == 201

    world.tries |= {f"scim {n}": partial(make, n) for n in range(N_PROVISIONED)}


async def have_come_by_saml(world: World) -> None:
    """New people bring signed assertions."""
    saml = {"saml_entity_id": ISSUER, "saml_acs_url": SIGN_ON, "saml_x509_cert": key().certificate}
    await world.add_domain("saml.test", jit_provisioning_enabled=True, **saml)

    async def begin(number: int) -> Try:
        browser, email = world.browser(f"saml {number}"), f"p{number}@saml.test"
        begun = await browser.get("/login/saml/", params={"email": email})
        said = Said(
            now=world.services.clock.now(), email=email, name_id=email, assertion_id=f"_{new_token()}",
            in_response_to=request_id_of(begun.headers["location"]),
        )  # fmt: skip
        form = {"SAMLResponse": posted(signed(said)), "RelayState": str(world.domains["saml.test"])}

        async def bring() -> bool:
            return was_let_in(await browser.post("/complete/saml/", data=form))

        return bring

    await world.add("saml", begin, range(N_COMING))


async def have_come_by_github(world: World) -> None:
    """Somebody new comes back from a provider in several browsers."""
    await world.add_domain("github.test", jit_provisioning_enabled=True, sso_enforcement="github")

    async def begin(number: int) -> Try:
        browser = world.browser(f"github {number}")
        location = (await browser.get("/login/github/")).headers["location"]
        state = parse_qs(urlsplit(location).query)["state"][0]
        callback = {"code": world.fake.code_for(location), "state": state}

        async def come_back() -> bool:
            return was_let_in(await browser.get("/complete/github/", params=callback))

        return come_back

    await world.add("github", begin, range(N_COMING))


async def have_given_codes(world: World) -> None:
    """The owner gives a recovery code in each of many browsers, and the same code of the authenticator in two."""
    first = world.browser()
    assert (await first.post("/api/login/", json={"email": OWNER, "password": PASSWORD})).status_code == 200
    first.headers["X-CSRFToken"] = first.cookies["parley_csrf"]
    me = "/api/users/@me"
    phone = pyotp.TOTP((await first.get(f"{me}/two_factor_start_setup/")).json()["secret"])
    at = int(world.services.clock.now().timestamp())
    turned_on = await first.post(f"{me}/two_factor_validate/", json={"token": phone.at(at - 30)})
    codes = turned_on.json()["backup_codes"]

    async def begin(codes: list[str], number: int) -> Try:
        browser, code = world.browser(f"code {number}"), codes[number]
        asked = await browser.post("/api/login/", json={"email": OWNER, "password": PASSWORD})
        assert asked.json()["code"] == "2fa_required"

        async def give() -> bool:
            return was_let_in(await browser.post("/api/login/token/", json={"token": code}))

        return give

    given = [*codes[:N_CODES], *[phone.at(at + 30)] * 2]
    await world.add("code", partial(begin, given), range(len(given)))


async def have_reset_passwords(world: World) -> None:
    """People follow the links of their mails."""
    for number in range(N_RESETS):
        email = f"p{number}@reset.test"
        async with world.services.database.transaction() as db:
            user_id = await create_user(
                db, world.services, email=email, password_hash=PASSWORD_HASH, first_name=""
            )
            row = {
                "id": new_uuid(), "organization_id": UUID(world.project.organization_id), "user_id": user_id, "level": 1,
                "joined_at": world.services.clock.now(), "updated_at": world.services.clock.now(),
            }  # fmt: skip
            await db.execute(insert(membership).values(**row))
            token = await start_reset(db, world.services.clock, user_id)
        [(uuid,)] = await world.found(select(user_account.c.uuid).where(user_account.c.id == user_id))

        async def follow(uuid: UUID = uuid, token: str = token) -> bool:
            body = {"token": token, "password": NEW}
            return (await world.browser().post(f"/api/reset/{uuid}/", json=body)).status_code == 200

        world.tries[f"reset {number}"] = follow


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A server at which everything is under way."""
    settings = {f"PARLEY_{name.upper()}": value for name, value in PROVIDERS.items()}
    settings |= {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    program = Program(tmp_path, {"PARLEY_SITE_URL": SITE, **settings})
    program.run()
    project, fake = program.bootstrap(OWNER), FakeProvider("lea@github.test")
    beside = opened_services(Settings.from_env(program.settings))
    async with receiving(port=PORT) as receiver, beside as services:
        receiver.respond = fake.respond
        made = World(program, project, services, fake)
        for have in (have_provisioned, have_come_by_saml, have_come_by_github, have_given_codes):
            await have(made)
        await have_reset_passwords(made)
        yield made
        for browser in made.browsers.values():
            await browser.aclose()
    program.end(signal.SIGKILL)


async def tried(world: World, enough: int = 10_000) -> Counter[str]:
    """Send everything at once and return what succeeded; kill the server once so much has."""
    done: Counter[str] = Counter()

    async def attempt(name: str, one: Try) -> None:
        with contextlib.suppress(httpx.TransportError):
            done[name] += await one()
        if done.total() == enough:
            world.program.end(signal.SIGKILL)

    await asyncio.gather(*(attempt(name, one) for name, one in world.tries.items()))
    return done


async def check_people(world: World) -> None:
    """Whoever has an account is a member once, and came in as they said."""
    joined = user_account.join(membership, membership.c.user_id == user_account.c.id, isouter=True)
    rows = await world.found(select(user_account.c.email, membership.c.level).select_from(joined))
    expected = {f"p{n}@scim.test" for n in range(N_PROVISIONED)} | {
        f"p{n}@reset.test" for n in range(N_RESETS)
    }
    emails = [row.email for row in rows]
    assert all(row.level is not None for row in rows) and len(emails) == len(set(emails))
    assert expected <= set(emails)
    linked = user_account.join(external_identity, external_identity.c.user_id == user_account.c.id)
    named = [row.email for row in await world.found(select(user_account.c.email).select_from(linked))]
    came = [one for one in emails if one.endswith(("@saml.test", "@github.test"))]
    assert sorted(named) == sorted(came)
    assert await world.entries("scim_provisioned") == {f"p{n}@scim.test": 1 for n in range(N_PROVISIONED)}
    assert await world.entries("identity.linked") == dict.fromkeys(came, 1)


async def check_sessions(world: World) -> None:
    """Every session has its entry, and every code that was used its session."""
    opened = Counter(row.method for row in await world.found(select(session.c.method)))
    logged = select(audit_entry.c.after).where(audit_entry.c.action == "sign_in.succeeded")
    assert opened == Counter(row.after["method"] for row in await world.found(logged))
    used = await world.found(select(recovery_code.c.code_hash).where(recovery_code.c.used_at.is_not(None)))
    n_used = (await world.entries("recovery_code.used")).total()
    assert len(used) == n_used == opened["recovery_code"] and opened["totp"] <= 1


async def check_resets(world: World) -> None:
    """A link is used up together with the change of the password, or works still."""
    left = await world.found(select(password_reset.c.user_id))
    assert left == [] and await world.entries("password.reset") == {
        f"p{n}@reset.test": 1 for n in range(N_RESETS)
    }


async def test_a_kill_leaves_nothing_by_halves_and_nothing_works_twice(world: World):
    before = await tried(world, enough=ENOUGH)
    assert before.total() >= ENOUGH
    world.program.run()
    for name, browser in world.browsers.items():
        if before[name]:
            assert (await browser.get("/api/users/@me/")).status_code == 200, name
    after = await tried(world)
    assert not before & after
    assert not (await tried(world)).total()
    await check_people(world)
    await check_sessions(world)
    await check_resets(world)
