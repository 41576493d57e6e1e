"""Every column with encrypted texts is known to `parley rotate-key` and `parley renew-secrets`, and to this test."""

import ast
import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace
from sqlalchemy import JSON, delete, insert, select, text, update
from sqlalchemy.types import Boolean, DateTime, Integer, Uuid

import parley
from parley.accounts.two_factor.renewal import forget_unreadable_authenticators
from parley.commands.renew_secrets import LEFT, RENEWED
from parley.integrations.sms.actions.suppressing import keep_stops, take_back_stop
from parley.kernel.config.settings import Settings
from parley.kernel.database.columns import UtcDateTime, metadata
from parley.kernel.ids import new_uuid
from parley.kernel.migrations.runner import upgrade
from parley.kernel.reencryption import encrypted_columns, reencrypt_everything, unreadable_texts
from parley.kernel.secrets import Vault
from parley.kernel.services import open_services
from tests import servers
from tests.test_schema import load_all_tables

load_all_tables()
OLD, NEW = "the key before, which is long enough", "the present key, which is long, too"
ENCRYPTING = {
    "accounts/invitations/actions.py": "outbox.payload",
    "accounts/projects/actions/projects.py": "project.secret_api_token",
    "accounts/projects/actions/renewal.py": "project.webhook_signing_secret",
    "accounts/two_factor/actions/authenticator.py": "totp.sealed_secret",
    "analytics/sharing/actions/configurations.py": "sharing_configuration.access_token",
    "analytics/subscriptions/actions/targets.py": "subscription.target_url",
    "email/channels/actions.py": "email_domain.dkim_private_key",
    "email/channels/renewal.py": "email_domain.dkim_private_key",
    "email/imap/actions.py": "imap_mailbox.password",
    "email/reply_routes/unsubscribing.py": "",
    "integrations/connections/sealing.py": "integration.sensitive_config",
    "integrations/sms/actions/suppressing.py": "sms_suppression_key.sealed_key",
    "kernel/idempotency/answers.py": "idempotency_key.sealed_body",
    "kernel/idempotency/erasing.py": "idempotency_key.sealed_body",
    "kernel/reencryption.py": "",
}
"""Each file that encrypts, and the column where the text is kept; "" where none is."""


def name_of(column):
    return f"{column.table.name}.{column.name}"


def test_whoever_encrypts_is_listed_with_a_column_that_is_marked():
    """A text that is encrypted in a column without `info=ENCRYPTED` would be lost when the key is changed."""
    root = Path(parley.__file__).parent
    found = set()
    for file in root.rglob("*.py"):
        if "tests" in file.parts or ".encrypt" not in (source := file.read_text()):
            continue
        names = (one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Attribute))
        if any(one.attr == "encrypt" for one in names):
            found.add(str(file.relative_to(root)))
    found.discard("kernel/secrets.py")
    assert found == set(ENCRYPTING)
    assert {name for name in ENCRYPTING.values() if name} <= {name_of(one) for one in encrypted_columns()}


def test_renew_secrets_knows_what_becomes_of_each_column():
    assert {*RENEWED, *LEFT} == {name_of(one) for one in encrypted_columns()}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path):
    environment = {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_SECRET_KEY": OLD}
    if request.param == "postgresql":
        environment["PARLEY_DATABASE_URL"] = servers.new_postgres_url()
    return Settings.from_env(environment)


@pytest_asyncio.fixture
async def stored(settings):
    """A database of its own, with one row in each table that has something encrypted, by the key before."""
    await upgrade(settings)
    services = open_services(settings)
    is_postgres = services.database.dialect == "postgresql"
    async with services.database.engine.connect() as connection:
        # The rows refer to nothing that is there.
        unchecked = "SET session_replication_role = replica" if is_postgres else "PRAGMA foreign_keys = OFF"
        await connection.execute(text(unchecked))
        for table in {column.table for column in encrypted_columns()}:
            await connection.execute(insert(table).values(row_of(table, Vault(OLD), services.clock.now())))
    yield services
    await services.database.close()


def row_of(table, vault, now):
    encrypted = {column.name for column in encrypted_columns() if column.table is table}
    return {column.name: value_of(column, column.name in encrypted, vault, now) for column in table.columns}


def value_of(column, is_encrypted, vault, now):
    sealed = vault.encrypt(f"secret of {name_of(column)}")
    if isinstance(column.type, JSON):
        return {"plain": "text", "inner": [{"sealed": sealed}]} if is_encrypted else {}
    if is_encrypted:
        return sealed
    kinds = ((Boolean, False), (Integer, 1), (UtcDateTime, now), (DateTime, now), (Uuid, new_uuid()))
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "x")


@pytest_asyncio.fixture
async def turned(stored, settings):
    """The same database, with the services of a server that has the present key and knows the one before."""
    services = open_services(replace(settings, secret_key=NEW, old_secret_keys=(OLD,)))
    yield services
    await services.database.close()


async def texts_of(services):
    """Return by column the encrypted text of its row."""
    found = {}
    async with services.database.transaction(write=False) as db:
        for column in encrypted_columns():
            value = (await db.execute(select(column))).scalar_one()
            found[name_of(column)] = value["inner"][0]["sealed"] if isinstance(value, dict) else value
    return found


async def test_everything_stored_is_encrypted_with_the_present_key(turned):
    assert len(await texts_of(turned)) == len(encrypted_columns()) > 11
    done = await reencrypt_everything(turned)
    assert (done.n_renewed, done.unreadable, done.is_complete) == (len(encrypted_columns()), {}, True)
    only_new = Vault(NEW)
    for name, sealed in (await texts_of(turned)).items():
        assert only_new.decrypt(sealed) == f"secret of {name}"
    again = await reencrypt_everything(turned)
    assert (again.n_renewed, again.is_complete) == (0, True)


async def test_who_said_stop_and_was_erased_stays_stopped_when_the_key_is_changed(turned):
    now, number = turned.clock.now(), "+15005550009"
    async with turned.database.transaction() as db:
        await keep_stops(db, Vault(OLD), 1, {number: now})
    await reencrypt_everything(turned)
    async with turned.database.transaction() as db:
        assert await take_back_stop(db, Vault(NEW), 1, "+15005550001") is None
        assert await take_back_stop(db, Vault(NEW), 1, number) == now
        assert await take_back_stop(db, Vault(NEW), 1, number) is None


async def test_what_no_key_can_read_stays_and_is_counted(turned):
    foreign = Vault("f" * 40).encrypt("secret")
    async with turned.database.transaction() as db:
        await db.execute(update(metadata.tables["totp"]).values(sealed_secret=foreign))
        await db.execute(update(metadata.tables["outbox"]).values(payload={"a": [foreign], "b": "gAAAAAble"}))
    done = await reencrypt_everything(turned)
    assert done.unreadable == {"outbox.payload": 2, "totp.sealed_secret": 1} and done.is_complete
    assert done.n_renewed == len(encrypted_columns()) - 2
    assert await unreadable_texts(turned) == done.unreadable


async def test_after_the_key_was_lost_authenticators_are_forgotten_and_the_code_is_still_wanted(
    stored, settings
):
    lost = open_services(replace(settings, secret_key=NEW))
    users = metadata.tables["user_account"]
    async with stored.database.engine.connect() as connection:
        unchecked = "SET session_replication_role = replica"
        await connection.execute(
            text(unchecked if stored.database.dialect == "postgresql" else "PRAGMA foreign_keys = OFF")
        )
        row = row_of(users, stored.vault, stored.clock.now())
        await connection.execute(insert(users).values(row | {"id": 1, "email": "alice@example.com"}))
    for emails in (["alice@example.com"], []):
        async with lost.database.transaction() as db:
            assert await forget_unreadable_authenticators(db, lost) == emails
    async with lost.database.transaction(write=False) as db:
        assert (await db.execute(select(users.c.two_factor_at))).scalar_one() is not None
    await lost.database.close()


async def test_what_a_server_stores_meanwhile_is_not_overwritten(turned):
    """More rows than one batch, each changed by somebody else while the command runs, and one deleted."""
    totp, now = metadata.tables["totp"], turned.clock.now()
    async with turned.database.engine.connect() as connection:
        is_postgres = turned.database.dialect == "postgresql"
        unchecked = "SET session_replication_role = replica" if is_postgres else "PRAGMA foreign_keys = OFF"
        await connection.execute(text(unchecked))
        rows = [row_of(totp, Vault(OLD), now) | {"user_id": 1000 + n} for n in range(250)]
        await connection.execute(insert(totp), rows)

    async def serve():
        for n in range(0, 250, 10):
            async with turned.database.transaction() as db:
                mine = update(totp).where(totp.c.user_id == 1000 + n)
                await db.execute(mine.values(sealed_secret=turned.vault.encrypt(f"newer {n}")))
        async with turned.database.transaction() as db:
            await db.execute(delete(totp).where(totp.c.user_id == 1001))

    done, _ = await asyncio.gather(reencrypt_everything(turned), serve())
    assert done.is_complete and not done.unreadable
    async with turned.database.transaction(write=False) as db:
        found = dict((await db.execute(select(totp.c.user_id, totp.c.sealed_secret))).all())
    assert 1001 not in found and len(found) == 250
    for n in range(250):
        if n != 1:
            wanted = "secret of totp.sealed_secret" if n % 10 else f"newer {n}"
            assert Vault(NEW).decrypt(found[1000 + n]) == wanted
