"""`parley serve` as a process of its own, with a project made by `parley bootstrap`."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import msgspec

from tests.servers import Server

PASSWORD = "a long and lovely passphrase"


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


class ParleyServer(Server):
    """The program as people run it."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder)
        mine = {"PARLEY_DATA_DIR": str(folder / "data"), "PARLEY_RATE_LIMITS": "off"}
        self.settings = {**mine, **settings}

    def command(self) -> list[str]:
        """Return the command line, with its settings in front."""
        return self._parley("serve", "--host", "127.0.0.1", "--port", str(self.port))

    def is_ready(self) -> bool:
        """Say whether it has printed that it is."""
        return self.log.exists() and f"Parley is ready at {self.url}" in self.log.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bootstrap(self, email: str) -> Project:
        """Make an organization with a project, conversations and widget on."""
        made = {
            "--email": email,
            "--password": PASSWORD,
            "--organization": "Fern & Field",
            "--project": "Shop",
        }
        options = [word for pair in made.items() for word in pair]
        command = self._parley("bootstrap", *options, "--json")
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return msgspec.convert(json.loads(done.stdout), Project)

    def client(self, project: Project) -> httpx.AsyncClient:
        """Return the API as the team uses it."""
        headers = {"Authorization": f"Bearer {project.personal_api_key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers)

    def _parley(self, *words: str) -> list[str]:
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        return ["env", *settings, sys.executable, "-m", "parley.cli", *words]
