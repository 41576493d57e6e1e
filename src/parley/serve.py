"""`parley serve`: one process with everything in it, or several behind one port."""

import asyncio
import gc
import os
import signal
import socket
import sys
from typing import Any

from parley.kernel.settings import Settings, SettingsError

DRAIN_S = 20  # how long requests in flight may take after SIGTERM
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
    if workers > 1:
        gc.enable()  # the workers start by themselves
        return _serve_many(settings, host, port, workers)
    import uvloop

    uvloop.run(_serve_one(settings, host, port))
    _leave()
    return 0


def _leave() -> None:
    """End the process although threads of a library may still wait for a database that is down.

    Everything is closed by now; the interpreter would wait for those threads for as long as they retry.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


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


async def _serve_one(settings: Settings, host: str, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    from parley.kernel.logs import set_up_logs
    from parley.main import create_app

    set_up_logs()
    app = create_app(settings)
    _collect_garbage_rarely()
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        backlog=1024,
    )

    def stop() -> None:
        app.app.state.services.live.end_subscriptions()
        server.stop()  # type: ignore[no-untyped-call]

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    announcing = loop.create_task(_announce(settings, host, port))
    try:
        await server.serve()
    finally:
        announcing.cancel()


def _collect_garbage_rarely() -> None:
    """Keep what the start has made out of collections, which it does without altogether.

    It never becomes garbage, and each full collection would stop every request for 80 ms to look at it again. A page
    of tickets makes a thousand objects, so the usual threshold of 700 would collect several times a request.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


async def _announce(settings: Settings, host: str, port: int) -> None:
    """Print the line that other programs wait for, once the port accepts requests."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    while True:
        try:
            _, writer = await asyncio.open_connection(shown, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            break
    print(f"Parley is ready at http://{host}:{port}", flush=True)
    await _invite(settings)


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


def _serve_many(settings: Settings, host: str, port: int, workers: int) -> int:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops

    os.environ.setdefault("PARLEY_SITE_URL", settings.site_url)
    server = Granian(
        "parley.serve:app_of_environment",
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        backlog=1024,
        workers_kill_timeout=DRAIN_S,
    )

    @server.on_startup
    def announce() -> None:
        import threading

        threading.Thread(target=lambda: asyncio.run(_announce(settings, host, port)), daemon=True).start()

    server.serve()
    return 0


def app_of_environment() -> Any:
    """Make the application in a worker process."""
    from parley.kernel.logs import set_up_logs
    from parley.main import create_app

    set_up_logs()
    app = create_app(Settings.from_env())
    app.app.on_startup.append(_end_streams_before_stopping)
    _collect_garbage_rarely()
    return app


async def _end_streams_before_stopping(app: Any) -> None:
    """Have SIGTERM end the open streams of a worker, for which it would wait otherwise.

    The server's own handler of SIGTERM can't be called from ours, but SIGINT means the same to it.
    """

    def stop() -> None:
        app.state.services.live.end_subscriptions()
        os.kill(os.getpid(), signal.SIGINT)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
