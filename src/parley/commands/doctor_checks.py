"""What `parley doctor` looks at in the database and the services beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from parley.kernel.config.settings import Settings
from parley.kernel.database.error_sentences import explained, first_line
from parley.kernel.database.url import sqlite_file
from parley.kernel.network.smtp_server import SmtpServer, smtp_server_of

if TYPE_CHECKING:
    from aiosmtplib import SMTP

    from parley.kernel.database.database import Database

PATIENCE_S = 10
SPARE_CONNECTIONS = 2
"""For a command, such as this one."""


class Sick(Exception):
    """A check failed; the text says how, and what to do."""


class Skipped(Exception):
    """A check could not be made, because of what another one says."""


@asynccontextmanager
async def _migrated(settings: Settings) -> AsyncIterator["Database | None"]:
    """Yield the database, or None when it can't be read or isn't of this version, which another check says."""
    from parley.kernel.config.values import SettingsError
    from parley.kernel.database.database import Database
    from parley.kernel.errors import Unavailable
    from parley.kernel.migrations.revisions import newest
    from parley.kernel.migrations.runner import current, with_connection

    if settings.is_sqlite and not sqlite_file(settings.database_url).exists():
        yield None
        return
    try:
        is_ours = await with_connection(settings.database_url, current) == newest()
    except SettingsError:
        is_ours = False
    if not is_ours:
        yield None
        return
    database = Database.open(settings.database_url)
    try:
        yield database
    except Unavailable as error:
        raise Sick(explained(error, settings.database_url) or f"{error.detail}") from error
    finally:
        await database.close()


async def stored_secrets(settings: Settings) -> str:
    """Say whether the secret key is the one that the stored secrets were written with."""
    from parley.accounts.projects.queries.encrypted import how_readable
    from parley.kernel.secrets import Vault

    async with _migrated(settings) as database:
        if database is None:
            raise Skipped("The stored secrets were not looked at, without a database that can be read.")
        found = await how_readable(database, Vault(settings.secret_key, settings.old_secret_keys))
    if found.unreadable:
        raise Sick(
            f"The secret key can't read the stored secrets of {found.unreadable} projects and reads those of "
            f"{found.readable}: set PARLEY_SECRET_KEY, or the file `secret_key`, to the key that they were written with, "
            "or run `parley renew-secrets` if that is lost."
        )
    return "The secret key reads the stored secrets."


async def background_work(settings: Settings) -> str:
    """Say whether background work was given up or fails."""
    from parley.kernel.jobs import background_failures

    async with _migrated(settings) as database:
        if database is None:
            raise Skipped("Background work was not looked at, without a database that can be read.")
        async with database.transaction(write=False) as db:
            found = await background_failures(db)
    if found:
        said = " ".join(str(found[0]).split())
        raise Sick(
            f"{len(found)} pieces of background work have failed. The first: {said[:300].rstrip('.')}."
        )
    return "No background work has failed."


async def connections(settings: Settings) -> str:
    """Say whether PostgreSQL allows as many connections as one process may open."""
    from sqlalchemy import text

    from parley.kernel.database.database import MOST_CONNECTIONS

    if settings.is_sqlite:
        return "SQLite needs no connections to a server."
    async with _migrated(settings) as database:
        if database is None:
            raise Skipped(
                "The connections that PostgreSQL allows were not looked at, since it can't be used."
            )
        async with database.transaction(write=False) as db:
            allowed = (await db.execute(text(ALLOWED))).scalar_one()
    needed = MOST_CONNECTIONS + SPARE_CONNECTIONS
    if allowed < needed:
        raise Sick(
            f"PostgreSQL allows this user {allowed} connections, and Parley needs {MOST_CONNECTIONS} for each process and "
            f"{SPARE_CONNECTIONS} to spare: raise `max_connections`, or the limit of the user or database, to {needed}."
        )
    return (
        f"PostgreSQL allows {allowed} connections; each process of Parley opens {MOST_CONNECTIONS} at most."
    )


async def events(settings: Settings) -> str:
    """Say whether ClickHouse answers, and how much waits for it."""
    if settings.events_url is None:
        return "Events are kept in the main database; ClickHouse is not used."
    from parley.kernel.clickhouse.client import ClickHouse
    from parley.kernel.clickhouse.errors import EventsAway
    from parley.people.shipments.queries import shipping_state

    clickhouse = ClickHouse.open(settings.events_url)
    try:
        version = await clickhouse.ping()
    except EventsAway as error:
        raise Sick(error.reason) from error
    finally:
        await clickhouse.close()
    async with _migrated(settings) as database:
        if database is None:
            raise Skipped("What waits for ClickHouse was not looked at, without a database that can be read.")
        async with database.transaction(write=False) as db:
            state = await shipping_state(db)
    if state.last_error:
        raise Sick(
            f"Nothing reaches ClickHouse since {state.failing_since:%Y-%m-%d %H:%M} UTC: {state.last_error}"
        )
    return (
        f"ClickHouse {version} at {clickhouse.place} answers; {state.n_waiting} rows wait for it, and what "
        f"{state.n_incomplete} projects had before is still to be sent."
    )


# The smallest limit that holds for this user in this database.
ALLOWED = """
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    )"""


async def redis(settings: Settings) -> str:
    """Say whether Redis answers and lets Parley do what it does there."""
    if settings.redis_url is None:
        return "Redis is not used; cache and live updates stay in this process."
    from redis.asyncio import Redis
    from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

    client = Redis.from_url(settings.redis_url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S)
    try:
        await client.ping()
        await _use(client)
        found: dict[str, Any] = await client.info("server")
    except (AuthenticationError, NoPermissionError) as error:
        raise Sick(
            f"Redis refuses access ({first_line(error)}): check user and password in PARLEY_REDIS_URL, and the rights of "
            "the user for keys, channels and scripts."
        ) from error
    except ResponseError as error:
        raise Sick(
            f"Redis refuses what Parley does there ({first_line(error)}): check its settings."
        ) from error
    except (RedisError, OSError) as error:
        raise Sick(
            f"Redis does not answer ({first_line(error)}): start it, or check PARLEY_REDIS_URL."
        ) from error
    finally:
        await client.aclose()
    return f"Redis {found.get('redis_version', '')} answers."


async def _use(client: Any) -> None:
    """Do once what Parley does all the time: keep, count, and tell other processes."""
    import msgspec

    from parley.kernel.redis.live import CHANNEL, Notice

    await client.set("parley:doctor", b"1", px=1000)
    await client.incr("parley:doctor")
    await client.delete("parley:doctor")
    await client.publish(CHANNEL, msgspec.json.encode(Notice("doctor", "doctor")))
    async with client.pubsub() as listening:
        await listening.subscribe(CHANNEL)
        await listening.get_message(timeout=PATIENCE_S)


async def storage(settings: Settings) -> str:
    """Say whether files can be stored, read and deleted; a probe is, where there is a bucket or the folder."""
    from parley.kernel.storage.errors import StorageAway
    from parley.kernel.storage.storage import Storage

    found = Storage(settings.storage_url, settings.data_dir)
    if found.folder is not None and not found.folder.exists():
        return f"Files will be kept in {found.place}; the first one makes it."
    try:
        await found.probe()
    except StorageAway as error:
        raise Sick(
            f"Files can't be kept in {found.place} ({first_line(error.__cause__ or error)}): check PARLEY_STORAGE_URL, the "
            "AWS_* variables, the rights of the user that runs Parley, and the room that is left."
        ) from error
    return f"Files are kept in {found.place}, which can be written and read."


async def mail_server(settings: Settings) -> str:
    """Say whether the mail server answers and takes user and password."""
    if settings.smtp_url is None:
        return f"No mail server is set; mails are written to {settings.data_dir / 'mail'}."
    from aiosmtplib import SMTPAuthenticationError, SMTPException

    server = smtp_server_of(settings.smtp_url)
    host, port = server.host, server.port
    client = server.client(None, PATIENCE_S)
    try:
        async with client:
            return f"The mail server {host}:{port} answers; {_encryption(server, client)}."
    except SMTPAuthenticationError as error:
        raise Sick(
            f"The mail server {host}:{port} refuses user or password ({first_line(error)}): check PARLEY_SMTP_URL."
        ) from error
    except (SMTPException, OSError) as error:
        raise Sick(f"The mail server {host}:{port} does not answer: {first_line(error)}.") from error


def _encryption(server: SmtpServer, client: "SMTP") -> str:
    if server.is_tls:
        return "the connection is encrypted"
    if server.requires_starttls:
        return "the connection is encrypted (STARTTLS, which is required)"
    if client.get_transport_info("cipher") is not None:
        return "the connection is encrypted (STARTTLS, which is not required: add ?starttls=required to PARLEY_SMTP_URL)"
    return "the connection is not encrypted, as it offers no STARTTLS"


async def incoming_mail(settings: Settings) -> str:
    """Say whether the SMTP door greets."""
    if settings.inbound_smtp is None:
        raise Skipped("PARLEY_INBOUND_SMTP is not set; no mail is taken by SMTP.")
    host, port = settings.inbound_smtp
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        reader, writer = await asyncio.open_connection(host, port)
        greeting = await reader.readline()
        writer.close()
    except OSError as error:
        raise Sick(
            f"Nobody takes mail on {host}:{port} ({first_line(error)}): start `parley serve`, and see in its log why it "
            "can't listen there. Ports below 1024 need the right to do so."
        ) from error
    if not greeting.startswith(b"220"):
        raise Sick(f"Another program than Parley's mail server answers on {host}:{port}.")
    return f"Mail is taken on {host}:{port} for {settings.inbound_domain}."


async def name_server(settings: Settings) -> str:
    """Say whether the DNS server that the settings name answers."""
    if settings.dns_server is None:
        raise Skipped("PARLEY_DNS_SERVER is not set; e-mail domains are looked up as the system does.")
    from parley.kernel.network.dns import DnsResolver

    answer = await DnsResolver(settings.dns_server).lookup(settings.inbound_domain, "MX")
    if answer.problem is not None:
        raise Sick(f"{answer.problem} E-mail domains can't be verified: check PARLEY_DNS_SERVER.")
    return "The DNS answers."
