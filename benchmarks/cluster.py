"""A PostgreSQL to measure on: thrown away afterwards, but as durable as any."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import Postgres, postgres_programs


class DurablePostgres(Postgres):
    """Debian's settings, so that a commit means what it means in production: flushed to the disk."""

    def command(self) -> list[str]:
        """Return the command line: only the address is ours."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        pairs = [f"--{name}={value}" for name, value in settings.items()]
        return [str(postgres_programs() / "postgres"), "-D", str(self.folder / "data"), *pairs]

    @property
    def pid(self) -> int:
        """The process that every backend is below; not the guard's, so that only PostgreSQL is counted."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def durable_postgres() -> Iterator[DurablePostgres]:
    """Make a cluster in a temporary folder, run it, and remove it at the end."""
    # The guard of the tests' servers removes the folder, and the one above it once that is empty.
    above = Path(tempfile.mkdtemp(prefix="parley-benchmarks-"))
    above.chmod(0o755)
    folder = above / "postgres"
    folder.mkdir()
    user = _unprivileged_user()
    if user:
        shutil.chown(folder, user)
    server = DurablePostgres(folder, user)
    try:
        server.make_cluster()
        server.start()
        yield server
    finally:
        server.remove()


def _unprivileged_user() -> str | None:
    """Return whom PostgreSQL runs as when this program runs as root, which it refuses to be."""
    return "postgres" if os.getuid() == 0 else None


def machine() -> str:
    """Describe the machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    postgres = subprocess.run(
        [str(postgres_programs() / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {python}, PostgreSQL {postgres}"
