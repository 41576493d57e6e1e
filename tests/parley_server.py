"""`parley serve` as a process of its own, and a project in its database."""

import asyncio
import atexit
import functools
import shutil
import sys
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
from tests.guard import clear_away
from tests.servers import Server

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
    """The program as people run it."""

    stop_signal = "SIGINT"  # ends at once; after SIGTERM it would still accept for a while

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder)
        mine = {"PARLEY_DATA_DIR": str(folder / "data"), "PARLEY_RATE_LIMITS": "off"}
        self.settings = {**mine, **settings}
        if "PARLEY_DATABASE_URL" not in self.settings:
            place_migrated_file(Path(self.settings["PARLEY_DATA_DIR"]))

    def command(self) -> list[str]:
        """Return the command line, with its settings in front."""
        return self._parley(*self.words())

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

    def _parley(self, *words: str) -> list[str]:
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        return ["env", *settings, sys.executable, "-m", "parley.cli", *words]
