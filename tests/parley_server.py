"""`parley serve` as a process of its own, and a project in its database."""

import asyncio
import atexit
import functools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from parley.accounts.setup.actions import bootstrap
from parley.commands.command_database import opened_services
from parley.kernel.config.settings import Settings
from parley.kernel.migrations.runner import upgrade
from tests import servers
from tests.cast import PASSWORD, PASSWORD_HASH
from tests.forked_program import ForkedProgram
from tests.guard import STOP_TIMEOUT_S, clear_away
from tests.servers import START_TIMEOUT_S, Server, ServerFailed

__all__ = ["PASSWORD", "ParleyServer", "Project", "migrated_postgres_url", "place_migrated_file"]

R = TypeVar("R")


class Project(msgspec.Struct, frozen=True):
    """What `parley bootstrap --json` prints."""

    organization_id: str
    project_id: int
    user_id: int
    email: str
    personal_api_key: str
    project_token: str
    secret_api_token: str
    widget_token: str


def migrated_postgres_url() -> str:
    """Return one more database with all tables, for a server that needn't show that it makes them."""
    return servers.new_postgres_url(template=_migrated_database())


def place_migrated_file(folder: Path) -> None:
    """Place an embedded database with all tables, which takes two seconds to make, unless the folder has one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "parley.sqlite3").exists():
        shutil.copy(_migrated_file(), folder)


@functools.cache
def _migrated_database() -> str:
    url = servers.new_postgres_url()
    _done(upgrade(Settings(data_dir=Path("/nowhere"), database_url=url, secret_key="x" * 32)))
    return url.rsplit("/", 1)[1]


@functools.cache
def _migrated_file() -> Path:
    file = servers.new_folder("migrated") / "parley.sqlite3"
    atexit.register(clear_away, file.parent)
    _done(upgrade(Settings(data_dir=file.parent, database_url=f"sqlite:///{file}", secret_key="x" * 32)))
    return file


def _done(work: Coroutine[Any, Any, R]) -> R:
    """Run it in a thread of its own, for the loop of a test may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class ParleyServer(Server):
    """The program as people run it, in a fork of a process that has imported it."""

    errors: Path | None = None
    """Where its standard error goes, if not with the rest."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder)
        self.process: ForkedProgram | None = None
        mine = {"PARLEY_DATA_DIR": str(folder / "data"), "PARLEY_RATE_LIMITS": "off"}
        self.settings = {**mine, **settings}
        if "PARLEY_DATABASE_URL" not in self.settings:
            place_migrated_file(Path(self.settings["PARLEY_DATA_DIR"]))

    def start(self) -> None:
        """Start it, and return once it says that it is ready."""
        self.log.write_bytes(b"")  # what it said before a stop
        environment = {**os.environ, **self.settings}
        self.process = ForkedProgram(self.words(), environment, self.log, self.errors or self.log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"Parley did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.03)

    def stop(self) -> None:
        """End it, at once, for after SIGTERM it would still accept for a while; harmless when it isn't running."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.end(signal.SIGINT, timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.end(signal.SIGKILL)

    def end(self, number: signal.Signals, timeout: float = START_TIMEOUT_S) -> int:
        """Send the signal and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout)

    def children(self) -> list[int]:
        """Return its process."""
        assert self.process is not None
        return [self.process.pid]

    def words(self) -> list[str]:
        """Return what stands behind `parley` in the command line."""
        return ["serve", "--host", "127.0.0.1", "--port", str(self.port)]

    def is_ready(self) -> bool:
        """Say whether it has printed that it is."""
        return self.log.exists() and f"Parley is ready at {self.url}" in self.log.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bootstrap(self, email: str) -> Project:
        """Make an organization with a project, conversations and widget on, beside the server as `parley bootstrap` does."""
        return _done(self._bootstrap(email))

    async def _bootstrap(self, email: str) -> Project:
        names = {"organization": "Fern & Field", "project": "Shop"}
        settings = Settings.from_env(self.settings)
        async with opened_services(settings) as services, services.database.transaction() as db:
            made = await bootstrap(db, services, email=email, password_hash=PASSWORD_HASH, **names)
        return msgspec.convert(msgspec.to_builtins(made), Project)

    def client(self, project: Project) -> httpx.AsyncClient:
        """Return the API as the team uses it."""
        headers = {"Authorization": f"Bearer {project.personal_api_key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers)
