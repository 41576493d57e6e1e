"""A connection lives on when the secret key of the server is changed, and the old one is thrown away."""

from dataclasses import dataclass
from datetime import timedelta

import pytest_asyncio
from msgspec.structs import replace

from parley.integrations.linkedin_ads.tests.fake_linkedin import SETTINGS, LinkedInWorld, linkedin_world
from parley.kernel.config.settings import Settings
from parley.kernel.migrations.runner import upgrade
from tests.forked_program import run
from tests.limited import client_at, limited_app
from tests.parley_server import migrated_postgres_url

OLD, NEW = "the key before which is long enough", "the present key which is long as well"
HALF = timedelta(days=30, seconds=1)


@dataclass
class Rotated:
    """A server with an account at LinkedIn, and the environment in which `parley rotate-key` is run for it."""

    world: LinkedInWorld
    id: int
    settings: Settings
    environment: dict[str, str]

    async def read(self, clock, secret_key):
        """Ask a server that knows this one key for the advertising accounts."""
        alone = replace(self.settings, secret_key=secret_key)
        alice = self.world.cast.alice
        key = {"authorization": alice.client.headers["authorization"]}
        async with (
            limited_app(alone, "off", clock, **SETTINGS) as app,
            client_at(app, "127.0.0.1", **key) as client,
        ):
            await app.app.state.services.cache.close()  # what is remembered of failures
            return await client.get(f"{self.world.path(alice)}{self.id}/linkedin_ads_accounts/")


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def rotated(request, tmp_path, clock):
    environment = {
        "PARLEY_DATA_DIR": str(tmp_path), "PARLEY_SECRET_KEY": OLD, "PARLEY_SITE_URL": "http://parley.test",
    }  # fmt: skip
    if request.param == "postgresql":
        environment["PARLEY_DATABASE_URL"] = migrated_postgres_url()
    settings = Settings.from_env(environment)
    await upgrade(settings)
    async with linkedin_world(settings, clock) as world:
        world.fake.rotates = True
        yield Rotated(world, await world.connect(), settings, environment)


async def test_tokens_that_were_sealed_with_the_old_key_are_used_and_renewed_with_the_new_one_alone(
    rotated, clock
):
    fake = rotated.world.fake
    [before] = fake.good_tokens
    assert (await rotated.read(clock, NEW)).status_code == 400  # not yet
    keys = {"PARLEY_SECRET_KEY": NEW, "PARLEY_OLD_SECRET_KEYS": OLD}
    code, said, complained = run("rotate-key", settings=rotated.environment | keys)
    assert code == 0 and "3 stored secrets" in said, complained
    answer = await rotated.read(clock, NEW)
    assert answer.json() == {"adAccounts": fake.accounts}, answer.text
    assert fake.received[-1].headers["authorization"] == f"Bearer {before}"
    clock.advance(HALF)
    fake.good_tokens.discard(before)
    assert (await rotated.read(clock, NEW)).json() == {"adAccounts": fake.accounts}
    assert fake.received[-1].headers["authorization"] != f"Bearer {before}"
    assert (await rotated.read(clock, OLD)).status_code == 400
