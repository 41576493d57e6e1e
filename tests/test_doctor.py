"""What `parley doctor` finds, each in a sentence that begins with FAILED, and exit 1."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.forked_program import run
from tests.test_start import damaged_key, garbage, migrate, mode, newer, truncated
from tests.test_start_on_postgresql import postgres

KEY = {"PARLEY_SECRET_KEY": "a secret key that is only good for tests, and long"}
BOOTSTRAP = (
    "bootstrap",
    "--organization",
    "A",
    "--project",
    "P",
    "--password",
    "correct horse battery",
    "--email",
)


NO_STORAGE = {
    "PARLEY_STORAGE_URL": "s3://none/x",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
}


def nothing(_: Path) -> None: ...


def remove(name: str) -> Callable[[Path], None]:
    def prepare(data: Path) -> None:
        assert run(*BOOTSTRAP, "a@example.com", settings={"PARLEY_DATA_DIR": str(data)})[0] == 0
        (data / name).unlink()

    return prepare


def garbage_beside(data: Path) -> None:
    migrate(data)
    garbage("jobs.sqlite3")(data)
    (data / "jobs.sqlite3").chmod(0o600)


def dead_work(data: Path) -> None:
    migrate(data)
    with closing(sqlite3.connect(data / "parley.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO outbox (project_id, id, kind, name, payload, available_at, attempts, last_error, dead_at) VALUES "
            "(7, ?, 'work', 'accounts.send_invite', '{}', '2026-01-01', 9, 'refused\\nfor good', '2026-01-02')",
            ("0" * 32,),
        )
        connection.commit()


FOUND: dict[str, tuple[str, Callable[[Path], None], dict[str, str]]] = {
    "a folder that isn't there": ("is not there", nothing, {"PARLEY_DATA_DIR": "/nowhere/parley"}),
    "a folder that is a file": ("is not there", nothing, {"PARLEY_DATA_DIR": "/dev/null"}),
    "a folder that can't be written": ("chmod", lambda data: data.chmod(0o500), KEY),
    "a database that can't be written": ("chmod", mode("parley.sqlite3", 0o400), {}),
    "a database that can't be read": ("chmod", mode("parley.sqlite3", 0), {}),
    "garbage as database": ("restore a backup", garbage("parley.sqlite3"), KEY),
    "garbage beside the database": ("jobs.sqlite3 is no database", garbage_beside, {}),
    "a truncated database": ("restore a backup", truncated, {}),
    "a newer database": ("Start the newer version", newer, {}),
    "no secret key beside data": ("put it back from a backup", remove("secret_key"), {}),
    "a secret key that isn't text": ("from a backup", damaged_key, {}),
    "another secret key": ("can't read the stored secrets of 1 project", remove("secret_key"), KEY),
    "files that others can read": ("chmod go-rwx", mode("parley.sqlite3", 0o644), {}),
    "work that was given up": ("(00000000-0000-0000-0000-000000000000, project 7) failed 9 times", dead_work, {}),
    "a bad port": ("the port must be", migrate, {"PARLEY_SMTP_URL": "smtp://mail:x"}),
    "no mail server": ("does not answer", migrate, {"PARLEY_SMTP_URL": "smtp://127.0.0.1:1"}),
    "no storage": ("Files can't be kept in the bucket none", migrate, NO_STORAGE),
    "no Redis": ("Redis does not answer", migrate, {"PARLEY_REDIS_URL": "redis://127.0.0.1:1/0"}),
}  # fmt: skip


def findings(settings: dict[str, str]) -> list[str]:
    """Return the sentences of what failed; none of them is a traceback, and the code says whether there are any."""
    code, out, error = run("doctor", settings=settings)
    failed = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert (code, error) == (1 if failed else 0, ""), (out, error)
    assert all(
        line.startswith(("ok  ", "FAILED  ", "skipped ")) and line.endswith(".")
        for line in out.splitlines()[:-1]
    ), out
    return failed


@pytest.mark.parametrize("name", FOUND)
def test_a_fault_is_found_and_nothing_is_changed(name, tmp_path):
    cure, prepare, settings = FOUND[name]
    data = tmp_path / "data"
    data.mkdir()
    prepare(data)
    before = {file.name: file.stat().st_mode for file in data.iterdir()}
    failed = findings({"PARLEY_DATA_DIR": str(data)} | settings)
    data.chmod(0o700)
    assert [line for line in failed if cure in line], failed
    after = {file.name: file.stat().st_mode for file in data.iterdir()}
    assert {name: bits for name, bits in after.items() if not name.endswith(("-wal", "-shm"))} == before


def test_what_cannot_be_looked_at_is_not_called_well(tmp_path):
    settings = {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x"}
    code, out, _ = run("doctor", settings=settings | KEY)
    lines = [(line.split()[0], line) for line in out.splitlines()]
    assert code == 1
    assert [line.count("does not answer") for state, line in lines if state == "FAILED"] == [1]
    assert sum(state == "skipped" and "not looked at" in line for state, line in lines) == 3
    assert not any("looked at" in line for state, line in lines if state == "ok")


def test_too_few_connections_are_found(tmp_path):
    url = postgres()
    name = urlsplit(url).path.strip("/")
    url = url.replace("//parley@", f"//few_{name}@")
    settings = {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": url} | KEY
    postgres(f"CREATE ROLE few_{name} LOGIN", f"ALTER DATABASE {name} OWNER TO few_{name}")
    assert run("migrate", settings=settings)[0] == 0
    assert findings(settings) == []
    for limited in (f"ROLE few_{name}", f"DATABASE {name}"):
        postgres(f"ALTER {limited} CONNECTION LIMIT 16")
        [failed] = findings(settings)
        assert "allows this user 16 connections" in failed and "CONNECTION LIMIT" not in failed
        postgres(f"ALTER {limited} CONNECTION LIMIT -1")


@pytest.fixture
def closed_redis():
    """A Redis with a password, and a user who may only read."""
    server = servers.start_redis()
    cli = ["redis-cli", "-p", str(server.port)]
    subprocess.run(
        [*cli, "ACL", "SETUSER", "reader", "on", ">r", "~*", "+ping", "+info", "+hello", "+client"],
        check=True,
    )
    subprocess.run([*cli, "CONFIG", "SET", "requirepass", "secret"], check=True, capture_output=True)
    yield server
    server.remove()


@pytest.mark.parametrize(
    ("user", "cure"),
    [
        ("", "refuses access"),
        (":wrong@", "refuses access"),
        ("reader:r@", "refuses access"),
        (":secret@", ""),
    ],
)
def test_a_redis_without_access_is_found(closed_redis, user, cure, tmp_path):
    migrate(tmp_path)
    failed = findings(
        {
            "PARLEY_DATA_DIR": str(tmp_path),
            "PARLEY_REDIS_URL": f"redis://{user}127.0.0.1:{closed_redis.port}/0",
        }
    )
    assert len(failed) == (1 if cure else 0)
    assert all(cure in line for line in failed)
