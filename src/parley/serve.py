"""`parley serve`: one process with everything in it, or several behind one port."""

import asyncio
import gc
import os
import socket
import sys
import threading
import time
from typing import Any

from parley.kernel.settings import Settings, SettingsError

MANY_NEED = "More than one worker needs PARLEY_DATABASE_URL (PostgreSQL) and PARLEY_REDIS_URL to be set."


def serve(host: str, port: int, workers: int) -> int:
    """Migrate, serve until SIGTERM or SIGINT, and return the exit code."""
    gc.disable()  # until everything is imported and made
    settings = Settings.from_env(host=host, port=port)
    if workers > 1 and (settings.is_sqlite or not settings.redis_url):
        raise SettingsError(MANY_NEED)
    _check_port(host, port)
    from parley.kernel.migrations import upgrade_now

    _migrate(settings, upgrade_now)
    _announce(settings, host, port)
    if workers == 1:
        from parley.worker import run

        run(settings, host, port)
    else:
        from parley.supervisor import supervise

        gc.enable()  # the workers start by themselves
        os.environ.setdefault("PARLEY_SITE_URL", settings.site_url)
        supervise(host, port, workers)
    return 0


def _migrate(settings: Settings, upgrade: Any) -> None:
    try:
        upgrade(settings)
    except (OSError, TimeoutError) as error:
        raise SettingsError(f"PARLEY_DATABASE_URL: the database does not answer ({error}).") from error


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"Parley cannot listen on {host}:{port}: {error.strerror}. Is it running already?"
            ) from error


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
        print(f"Parley is ready at http://{host}:{port}", flush=True)
        asyncio.run(_invite(settings))

    threading.Thread(target=announce, daemon=True).start()


async def _invite(settings: Settings) -> None:
    """Where nobody has an account yet, print the link of the set-up page."""
    from parley.accounts.queries.setup import has_user, setup_token
    from parley.kernel.db import Database
    from parley.kernel.secrets import Vault

    database = Database.open(settings.database_url)
    try:
        if not await has_user(database):
            link = f"{settings.site_url}/setup/{setup_token(Vault(settings.secret_key))}"
            print(f"Open {link} to make the first account.", file=sys.stderr, flush=True)
    finally:
        await database.close()
