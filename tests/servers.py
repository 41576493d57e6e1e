"""Real PostgreSQL and Redis servers for the tests, started when a test first asks for one.

All workers of a run share one PostgreSQL and have a database each. Every worker has a Redis of its own,
because Redis's numbered databases don't keep publish and subscribe apart. Each server runs under
`tests/guard.py`, which ends it when the run is over.
"""

import fcntl
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from tests.guard import NOTE, clear_away

START_TIMEOUT_S = 120
ROLE = "parley"
GUARD = Path(__file__).with_name("guard.py")
_numbers = count(1)


class ServerFailed(Exception):
    """Raised when a server is not installed or doesn't start; the text holds its own last words."""


class Server:
    """One server program on a free loopback port, which a test may also stop and start again."""

    stop_signal = "SIGTERM"

    def __init__(self, folder: Path, user: str | None = None) -> None:
        self.folder = folder
        self.user = user
        self.port = free_port()
        self.log = folder / "server.log"
        self._guard: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Say whether the server answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server and return once it answers."""
        options = ["--owner", str(owner_of_the_run()), "--folder", str(self.folder)]
        options += ["--stop-signal", self.stop_signal]
        if self.user:
            options += ["--user", self.user]
        with self.log.open("ab") as log:
            # A session of its own keeps Ctrl-C away from the server while tests still clean up.
            self._guard = subprocess.Popen(
                [sys.executable, str(GUARD), *options, *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self._guard.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.command()[0]} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.03)

    def stop(self) -> None:
        """End the server and return once it has ended; harmless when it isn't running."""
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait()
            self._guard = None

    def freeze(self) -> None:
        """Have the server stop in the middle of everything: its connections stay open, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have a frozen server go on."""
        self._signal(signal.SIGCONT)

    def children(self) -> list[int]:
        """Return the processes of the server."""
        assert self._guard is not None
        pid = self._guard.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _signal(self, number: signal.Signals) -> None:
        for child in self.children():
            os.kill(child, number)

    def remove(self) -> None:
        """End the server and remove what it stored."""
        self.stop()
        clear_away(self.folder)


class Redis(Server):
    """A Redis that keeps nothing on disk."""

    def command(self) -> list[str]:
        """Return the command line: memory only, loopback only."""
        program = shutil.which("redis-server")
        if program is None:
            raise ServerFailed("redis-server is not installed; `make services` installs it.")
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        return [program, *options, "--save", "", "--appendonly", "no"]

    def is_ready(self) -> bool:
        """Say whether it answers a PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def url(self) -> str:
        """Return the address that goes into PARLEY_REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(Server):
    """A PostgreSQL cluster of its own, with the safety of its data traded for speed."""

    # PostgreSQL's fast shutdown: open connections are cut instead of waited for.
    stop_signal = "SIGINT"

    def command(self) -> list[str]:
        """Return the command line: loopback only, no socket files, nothing flushed to disk."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        pairs = [f"--{name}={value}" for name, value in settings.items()]
        return [str(postgres_programs() / "postgres"), "-D", str(self.folder / "data"), *pairs]

    def is_ready(self) -> bool:
        """Say whether it accepts connections."""
        command = [str(postgres_programs() / "pg_isready"), "-q", *self._address()]
        return subprocess.run(command, check=False).returncode == 0

    def make_cluster(self) -> None:
        """Create the empty cluster that the server runs on."""
        command = [str(postgres_programs() / "initdb"), "-D", str(self.folder / "data")]
        command += ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        groups: dict[str, Any] = {"group": self.user, "extra_groups": []} if self.user else {}
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False, **groups
        )
        if done.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{done.stderr[-2000:]}")

    def make_database(self, name: str, template: str = "template1") -> str:
        """Create a copy of a database, of an empty one unless another is named, and return its address."""
        command = [str(postgres_programs() / "createdb"), *self._address(), "-U", ROLE, "-T", template, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerFailed(f"createdb failed:\n{done.stderr[-2000:]}")
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{name}"

    def _address(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port)]


# ------------------------------------------------------------------ for tests


@functools.cache
def postgres_url() -> str:
    """Return this worker's own database on the PostgreSQL that the whole run shares."""
    return _shared_postgres().make_database(f"parley_{worker_name()}")


def new_postgres_url(template: str = "template1") -> str:
    """Return one more database on the shared PostgreSQL, empty or a copy, for a test that needs one to itself."""
    return _shared_postgres().make_database(f"parley_{worker_name()}_{next(_numbers)}", template)


@functools.cache
def redis_url() -> str:
    """Return this worker's own Redis."""
    return start_redis().url()


def start_redis() -> Redis:
    """Start one more Redis, for a test that stops it under a running Parley."""
    server = Redis(new_folder("redis"))
    server.start()
    return server


def start_postgres() -> Postgres:
    """Start one more PostgreSQL, for a test that stops it under a running Parley. Takes about 1.5 s."""
    user = _unprivileged_user()
    server = Postgres(new_folder("postgres", user), user)
    server.make_cluster()
    server.start()
    return server


# ------------------------------------------------------------------ the run


def worker_name() -> str:
    """Return the xdist worker's name, or `main` when there are no workers."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def owner_of_the_run() -> int:
    """Return the id of the process whose end is the end of the run."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def postgres_programs() -> Path:
    """Return the folder with initdb and postgres: the newest of Debian's, else what is on the path."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise ServerFailed("PostgreSQL is not installed; `make services` installs it.")
    return Path(found).resolve().parent


@functools.cache
def _shared_postgres() -> Postgres:
    with (_run_folder() / NOTE).open("a+") as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.seek(0)
        known = note.read()
        if not known:
            server = start_postgres()
            note.write(f"{server.port} {server.folder}")
            return server
    port, folder = known.split(" ", 1)
    server = Postgres(Path(folder))
    server.port = int(port)
    return server


def _run_folder() -> Path:
    # Not below pytest's own folder: that one is closed to the user PostgreSQL runs as.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"parley-tests-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def new_folder(purpose: str, user: str | None = None) -> Path:
    """Return a new folder of this run, which `user` owns."""
    folder = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=_run_folder()))
    if user:
        shutil.chown(folder, user)
    return folder


def _unprivileged_user() -> str | None:
    """Return whom PostgreSQL runs as when the tests run as root, which it refuses to be."""
    if os.getuid() != 0:
        return None
    known = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in known else "nobody"
