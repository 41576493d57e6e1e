"""`parley serve`: one process with everything in it, or several behind one port."""

import asyncio
import gc
import os
import socket
import sys
import threading
import time

from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError, site_of
from parley.server.free_address import address_of
from parley.server.instance_lock import hold

WRONG_KEY = (
    "PARLEY_SECRET_KEY is not the key that the stored secrets were written with: set that one, or put its file "
    "`secret_key` back into the data folder. If it is lost for good, `parley renew-secrets` makes new secrets."
)
MANY_NEED = "More than one worker needs PARLEY_DATABASE_URL (PostgreSQL) and PARLEY_REDIS_URL to be set."


def serve(host: str, port: int, workers: int) -> int:
    """Migrate, serve until SIGTERM or SIGINT, and return the exit code."""
    gc.disable()  # until everything is imported and made
    settings = Settings.from_env(host=host, port=port)
    if workers > 1 and (settings.is_sqlite or not settings.redis_url):
        raise SettingsError(MANY_NEED)
    hold(settings)
    address = address_of(host, port)
    from parley.kernel.migrations.runner import upgrade_now

    upgrade_now(settings)
    asyncio.run(_check_secret_key(settings))
    _announce(settings, host, port)
    if workers == 1:
        from parley.server.worker import run

        run(settings, address, port, takes_mail=True)
    else:
        from parley.server.supervisor import supervise

        gc.enable()  # the workers start by themselves
        os.environ.setdefault("PARLEY_SITE_URL", settings.site_url)
        supervise(settings, address, port, workers)
    return 0


async def _check_secret_key(settings: Settings) -> None:
    """Raise SettingsError when none of the stored secrets can be read with the key of the settings."""
    from parley.accounts.projects.queries.encrypted import how_readable
    from parley.kernel.database.database import Database
    from parley.kernel.secrets import Vault

    database = Database.open(settings.database_url)
    try:
        found = await how_readable(database, Vault(settings.secret_key, settings.old_secret_keys))
    finally:
        await database.close()
    if found.unreadable and not found.readable:
        raise SettingsError(WRONG_KEY)


def _announce(settings: Settings, host: str, port: int) -> None:
    """Print the line that other programs wait for, once the port accepts requests."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound

    def announce() -> None:
        while True:
            try:
                socket.create_connection((shown, port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                break
        print(f"Parley is ready at {site_of(host, port)}", flush=True)
        asyncio.run(_invite(settings))

    threading.Thread(target=announce, daemon=True).start()


async def _invite(settings: Settings) -> None:
    """Where nobody has an account yet, print the link of the set-up page."""
    from parley.accounts.setup.rules import setup_token
    from parley.accounts.users.queries import has_user
    from parley.kernel.database.database import Database
    from parley.kernel.secrets import Vault

    database = Database.open(settings.database_url)
    try:
        if not await has_user(database):
            link = f"{settings.site_url}/setup/{setup_token(Vault(settings.secret_key))}"
            print(f"Open {link} to make the first account.", file=sys.stderr, flush=True)
    finally:
        await database.close()
