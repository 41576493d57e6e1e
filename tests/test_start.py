"""What `parley serve` says when it can't start: one sentence with the cure, and exit 2."""

import contextlib
import functools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from parley.kernel.config.data_folder import tighten
from parley.kernel.database.database import Database
from parley.kernel.errors import Unavailable
from tests import servers
from tests.forked_program import run
from tests.parley_server import ParleyServer


class Case(msgspec.Struct):
    """How a start goes wrong: settings and arguments, made in a folder, and what must be said."""

    cure: str
    settings: dict[str, str] = {}
    arguments: tuple[str, ...] = ()
    prepare: Callable[[Path], None] | None = None
    size: int | None = None


def garbage(name: str) -> Callable[[Path], None]:
    def prepare(data: Path) -> None:
        (data / name).write_bytes(b"This is no such file." * 400)

    return prepare


def mode(name: str, bits: int) -> Callable[[Path], None]:
    def prepare(data: Path) -> None:
        migrate(data)
        (data / name).chmod(bits)

    return prepare


def migrate(data: Path) -> None:
    """Leave in the folder what `parley migrate` leaves there."""
    for name, (bits, content) in migrated().items():
        (data / name).write_bytes(content)
        (data / name).chmod(bits)


@functools.cache
def migrated() -> dict[str, tuple[int, bytes]]:
    """Return modes and contents of the files that `parley migrate` makes; it runs once."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        assert run("migrate", settings={"PARLEY_DATA_DIR": str(data)})[0] == 0
        return {file.name: (file.stat().st_mode & 0o777, file.read_bytes()) for file in data.iterdir()}


def newer(data: Path) -> None:
    migrate(data)
    with closing(sqlite3.connect(data / "parley.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")


def truncated(data: Path) -> None:
    migrate(data)
    with (data / "parley.sqlite3").open("r+b") as file:
        file.truncate(5000)


def damaged_key(data: Path) -> None:
    (data / "secret_key").write_bytes(bytes(range(128, 256)))


def short_key(data: Path) -> None:
    (data / "secret_key").write_text("x")


SQLITE = "PARLEY_DATABASE_URL"
CASES = {
    "a folder that is a file": Case("name a folder", {"PARLEY_DATA_DIR": "/dev/null"}),
    "a folder below a file": Case("name a folder", {"PARLEY_DATA_DIR": "/dev/null/data"}),
    "a folder that can't be made": Case("name another", {"PARLEY_DATA_DIR": "/proc/parley"}),
    "a folder that can't be written": Case("chmod", prepare=lambda data: data.chmod(0o500)),
    "a folder that can't be entered": Case("chmod", prepare=lambda data: data.chmod(0o200)),
    "a database that can't be written": Case("chmod", prepare=mode("parley.sqlite3", 0o400)),
    "a database that can't be read": Case("chmod", prepare=mode("parley.sqlite3", 0)),
    "a database that is a folder": Case("name a file", prepare=lambda data: (data / "parley.sqlite3").mkdir()),
    "a database in a folder that isn't there": Case("make it", {SQLITE: "sqlite:////nowhere/at/all.sqlite3"}),
    "a database in memory": Case("must be a file", {SQLITE: "sqlite:///:memory:"}),
    "a database with a query": Case("must be a file", {SQLITE: "sqlite:///a.sqlite3?mode=ro"}),
    "garbage as database": Case("restore a backup", prepare=garbage("parley.sqlite3")),
    "a truncated database": Case("restore a backup", prepare=truncated),
    "a newer database": Case("Start the newer version", prepare=newer),
    "a secret key that isn't text": Case(
        "from a backup", prepare=damaged_key
    ),
    "a secret key that is short": Case("from a backup", prepare=short_key),
    "a secret key that can't be read": Case("let the user", prepare=mode("secret_key", 0)),
    "an old secret key that is short": Case(
        "keys of at least 32 characters", {"PARLEY_OLD_SECRET_KEYS": f"{'k' * 40},short"}
    ),
    "a secret key that is no UTF-8": Case("text in UTF-8", {"PARLEY_SECRET_KEY": "\udcff" * 40}),
    "a full disk": Case("Make room", size=4096),
    "a disk without room for the key": Case("make room", size=10),
    "no such host": Case("no machine has the name", {SQLITE: "postgresql://u@parley.invalid/db"}),
    "nobody listens": Case("start PostgreSQL at 127.0.0.1:1", {SQLITE: "postgresql://u:p@127.0.0.1:1/db"}),
    "letters as port of the database": Case("the port must be", {SQLITE: "postgresql://u:p@127.0.0.1:no/db"}),
    "a password that breaks the URL": Case("written as %2F", {SQLITE: "postgresql://u:pa/ss@127.0.0.1/db"}),
    "a large port of the database": Case("the port must be", {SQLITE: "postgresql://u@127.0.0.1:99999/db"}),
    "port 0 of the database": Case("the port must be", {SQLITE: "postgresql://u@127.0.0.1:0/db"}),
    "no database name": Case("postgresql://user:password@host/name", {SQLITE: "postgresql://u@127.0.0.1"}),
    "an unknown parameter": Case("leave out the others", {SQLITE: "postgresql://u@127.0.0.1/db?channel_binding=require"}),
    "an unknown sslmode": Case("one of disable", {SQLITE: "postgresql://u@127.0.0.1/db?sslmode=yes"}),
    "an empty part of a host": Case("the host must be", {SQLITE: "postgresql://u@x..y/db"}),
    "a long part of a host": Case("the host must be", {"PARLEY_REDIS_URL": f"redis://{'x' * 64}/0"}),
    "a bad port of Redis": Case("the port must be", {"PARLEY_REDIS_URL": "redis://127.0.0.1:70000/0"}),
    "a bad number of Redis": Case("the number of a database", {"PARLEY_REDIS_URL": "redis://127.0.0.1/zero"}),
    "a bad port of the site": Case("the port must be", {"PARLEY_SITE_URL": "https://example.com:https"}),
    "a bad host of the site": Case("no URL", {"PARLEY_SITE_URL": "http://[::1"}),
    "a bad port of the mail server": Case("the port must be", {"PARLEY_SMTP_URL": "smtp://a:b@mail:x"}),
    "no host of the mail server": Case("name a host", {"PARLEY_SMTP_URL": "smtp://:25"}),
    "a host that nobody has": Case("Name an address of this machine", arguments=("--host", "parley.invalid")),
    "no host": Case("Name an address of this machine", arguments=("--host", "")),
    "an address that isn't ours": Case("no address of this machine", arguments=("--host", "192.0.2.7")),
    "a port out of range": Case("between 1 and 65535", arguments=("--port", "65536")),
    "a negative port": Case("between 1 and 65535", arguments=("--port=-1",)),
}  # fmt: skip


def is_one_sentence(said: tuple[int, str, str], cure: str) -> None:
    """Fail unless a program ended with exit 2 and one line that holds the cure."""
    code, out, error = said
    assert (code, out) == (2, ""), said
    assert error.count("\n") == 1 and error.rstrip().endswith("."), error
    assert cure in error and "Traceback" not in error, error


@pytest.mark.parametrize("name", CASES)
def test_what_keeps_it_from_starting_is_said_in_a_sentence(name, tmp_path):
    case = CASES[name]
    data = tmp_path / "data"
    data.mkdir()
    if case.prepare:
        case.prepare(data)
    settings = {"PARLEY_DATA_DIR": str(data)} | case.settings
    arguments = ("serve", "--port", str(servers.free_port()), *case.arguments)
    said = run(*arguments, settings=settings, size=case.size)
    data.chmod(0o700)
    is_one_sentence(said, case.cure)


@pytest.mark.parametrize("kind", ["folder", "device", "text"])
def test_what_is_no_database_is_refused_and_keeps_its_mode(kind, tmp_path):
    place, data = tmp_path / "place", tmp_path / "data"
    if kind == "folder":
        place.mkdir()
    elif kind == "device":
        os.mkfifo(place)
    else:
        place.write_text("root:x:0:0:root:/root:/bin/sh\n")
    place.chmod(0o755)
    settings = {"PARLEY_DATA_DIR": str(data), "PARLEY_DATABASE_URL": f"sqlite:///{place}"}
    for command in (("serve", "--port", str(servers.free_port())), ("migrate",)):
        is_one_sentence(run(*command, settings=settings), "place")
        assert place.stat().st_mode & 0o777 == 0o755
    assert run("doctor", settings=settings)[0] == 1


# ------------------------------------------------------------------ the secret key


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_another_secret_key_than_that_of_the_data_is_refused_until_the_secrets_are_renewed(kind, tmp_path):
    settings = {"PARLEY_DATA_DIR": str(tmp_path)}
    if kind == "postgresql":
        settings["PARLEY_DATABASE_URL"] = servers.new_postgres_url()
    bootstrap = (
        "bootstrap",
        "--organization",
        "A",
        "--project",
        "P",
        "--password",
        "correct horse battery",
        "--email",
    )
    assert run(*bootstrap, "a@example.com", settings=settings)[0] == 0
    right = (tmp_path / "secret_key").read_text()
    (tmp_path / "secret_key").write_text("another secret key that is long enough, too")
    serve = ("serve", "--port", str(servers.free_port()))
    is_one_sentence(
        run(*serve, settings=settings), "is not the key that the stored secrets were written with"
    )
    code, out, _ = run("doctor", settings=settings)
    assert code == 1 and "can't read the stored secrets of 1 projects" in out
    code, out, _ = run("renew-secrets", settings=settings)
    assert code == 0 and out.startswith("Projects 1 have a new secret token")
    assert (
        run("renew-secrets", settings=settings)[1] == "All stored secrets can be read; nothing was changed.\n"
    )
    assert run("doctor", settings=settings)[0] == 0
    (tmp_path / "secret_key").write_text(right)
    assert run("doctor", settings=settings)[0] == 1
    rotates(settings)


def rotates(settings):
    """The key that was put back is the present one from now on, and the other one an old one."""
    code, out, error = run("rotate-key", settings=settings)
    assert code == 1 and out.startswith("0 stored") and "1 texts of `project.secret_api_token`" in error
    old = {"PARLEY_OLD_SECRET_KEYS": "another secret key that is long enough, too\n"}
    assert run("doctor", settings=settings | old)[0] == 0
    code, out, error = run("rotate-key", settings=settings | old)
    assert (code, error) == (0, "") and out.startswith(
        "2 stored secrets are now encrypted with PARLEY_SECRET_KEY"
    )
    assert run("doctor", settings=settings)[0] == 0


# ------------------------------------------------------------------ the address


def test_a_host_may_be_a_name(tmp_path):
    """The program begins here as people begin it; all other tests fork it."""
    port = servers.free_port()
    command = [sys.executable, "-m", "parley.cli", "serve", "--host", "localhost", "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    environment["PARLEY_DATA_DIR"] = str(tmp_path)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"Parley is ready at http://localhost:{port}\n"
            socket.create_connection(("127.0.0.1", port)).close()
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def test_a_port_in_use_is_told_from_other_faults(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        arguments = ("serve", "--port", str(taken.getsockname()[1]))
        is_one_sentence(
            run(*arguments, settings={"PARLEY_DATA_DIR": str(tmp_path)}), "Is it running already?"
        )


# ------------------------------------------------------------------ one server on one folder


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[ParleyServer]:
    """Yield a server that is ready, with its data in the folder's `data`; end it afterwards."""
    server = ParleyServer(folder, {})
    server.start()
    try:
        yield server
    finally:
        assert server.end(signal.SIGINT) == 0


def other_folder(tmp_path: Path) -> dict[str, str]:
    other = tmp_path / "other"
    other.mkdir(exist_ok=True)
    return {"PARLEY_DATA_DIR": str(other), "PARLEY_DATABASE_URL": f"sqlite:///{tmp_path}/data/parley.sqlite3"}


def other_database(tmp_path: Path) -> dict[str, str]:
    return {
        "PARLEY_DATA_DIR": str(tmp_path / "data"),
        "PARLEY_DATABASE_URL": f"sqlite:///{tmp_path}/b.sqlite3",
    }


def by_another_name(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "link").symlink_to(tmp_path / "data")
    return {"PARLEY_DATA_DIR": str(tmp_path / "link")}


def test_a_second_server_is_told_who_holds_the_folder(tmp_path):
    with serving(tmp_path) as server:
        [process] = server.children()
        for second in (other_folder, other_database, by_another_name):
            said = run("serve", "--port", str(servers.free_port()), settings=second(tmp_path))
            is_one_sentence(said, f"process {process} on {socket.gethostname()} holds ")


def test_commands_work_beside_a_server(tmp_path):
    with serving(tmp_path) as server:
        mine = server.settings
        assert run("migrate", settings=mine)[1] == "The database is up to date.\n"
        made = run(
            "bootstrap", "--organization", "A", "--project", "P", "--email", "a@example.com", "--password",
            "correct horse battery", "--json", settings=mine,
        )  # fmt: skip
        found = msgspec.json.decode(made[1])
        key = run(
            "api-key", "create", "--email", "a@example.com", "--label", "k", "--scopes", "*", settings=mine
        )
        member = run(
            "user", "create", "--email", "b@example.com", "--password", "correct horse battery", "--organization",
            found["organization_id"], settings=mine,
        )  # fmt: skip
        assert (key[0], member[0]) == (0, 0)


def test_a_lock_vanishes_with_its_process(tmp_path):
    server = ParleyServer(tmp_path, {})
    server.start()
    server.end(signal.SIGKILL)
    assert (tmp_path / "data" / "parley.lock").exists()
    with serving(tmp_path):
        pass


# ------------------------------------------------------------------ for its user alone


def test_files_of_an_open_folder_are_closed_to_others(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    migrate(data)
    (data / "mail").mkdir(mode=0o755)
    (data / "mail" / "old.eml").write_text("Hello")
    for file in ("parley.sqlite3", "secret_key", "mail/old.eml"):
        (data / file).chmod(0o644)
    (data / "mail").chmod(0o755)
    with serving(tmp_path):
        found = {file.name: oct(file.stat().st_mode & 0o077) for file in data.rglob("*")}
    assert {
        "parley.sqlite3",
        "parley.sqlite3-wal",
        "parley.sqlite3-shm",
        "parley.lock",
        "old.eml",
    } <= found.keys()
    assert set(found.values()) == {oct(0)}, found


def test_a_device_that_a_setting_names_keeps_its_rights(tmp_path):
    pipe = tmp_path / "parley.sqlite3"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    tighten(tmp_path, f"sqlite:///{pipe}")
    assert pipe.stat().st_mode & 0o777 == 0o666


async def test_a_database_is_reached_as_sslmode_says(postgres_url):
    modes = {}
    for mode in ("disable", "prefer", "require"):
        database = Database.open(f"{postgres_url}?sslmode={mode}")
        try:
            await database.ping()
            modes[mode] = "connected"
        except Unavailable:
            modes[mode] = "refused"
        finally:
            await database.close()
    # The server of the tests speaks no TLS.
    assert modes == {"disable": "connected", "prefer": "connected", "require": "refused"}
