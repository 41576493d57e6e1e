"""The command line, run as people and scripts run it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from parley.cli import main
from tests import servers
from tests.parley_server import ParleyServer

PASSWORD = "correct horse battery"
BOOTSTRAP = ("bootstrap", "--organization", "Acme", "--project", "Site", "--password", PASSWORD, "--email")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def environment(request, tmp_path_factory):
    found = {"PARLEY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    if request.param == "postgresql":
        found["PARLEY_DATABASE_URL"] = servers.new_postgres_url()
    return found


@pytest.fixture
def run(environment, monkeypatch, capfd):
    """Run a command; return its exit code, what it printed and what it complained about.

    It runs in this process, since a new one takes a second to start, but on a thread without an event loop.
    """

    def do(*arguments, **changes):
        with monkeypatch.context() as patch, ThreadPoolExecutor(1) as thread:
            for name in [name for name in os.environ if name.startswith("PARLEY_")]:
                patch.delenv(name)
            for name, value in {**environment, **changes}.items():
                patch.setenv(name, value)
            mask = os.umask(0)
            code = thread.submit(code_of, arguments).result(60)
            os.umask(mask)  # a command sets its own, for its whole process
        out, error = capfd.readouterr()
        return code, out, error

    return do


def code_of(arguments):
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


@pytest.fixture
def made(run):
    """A fresh organization."""
    code, out, _ = run(*BOOTSTRAP, f"owner-{uuid4().hex}@example.com", "--json")
    assert code == 0
    return json.loads(out)


def test_bootstrap_prints_one_object(made, run):
    assert set(made) == {
        "organization_id", "project_id", "user_id", "email", "personal_api_key", "project_token",
        "secret_api_token", "widget_token",
    }  # fmt: skip
    assert isinstance(made["project_id"], int) and isinstance(made["user_id"], int)
    prefixes = {"personal_api_key": "phx_", "project_token": "phc_", "secret_api_token": "phs_"}
    assert all(made[name].startswith(prefix) for name, prefix in prefixes.items())
    again = json.loads(run(*BOOTSTRAP, f"Other-{uuid4().hex}@Example.com ", "--json")[1])
    assert again["organization_id"] != made["organization_id"]
    assert again["email"] == again["email"].strip().lower()


def test_an_address_that_exists_is_exit_2_and_a_sentence(made, run):
    code, out, error = run(*BOOTSTRAP, made["email"].upper(), "--json")
    assert (code, out) == (2, "")
    assert error == "There is already an account with this email address.\n"


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.com"])
def test_a_bad_address_is_refused(run, email):
    code, out, error = run(*BOOTSTRAP, email, "--json")
    assert (code, out) == (2, "") and error.strip()


def test_without_json_people_can_read_it(run):
    code, out, _ = run(*BOOTSTRAP, f"people-{uuid4().hex}@example.com")
    assert code == 0 and "personal_api_key  phx_" in out


def test_a_weak_password_is_warned_about_and_taken(run):
    arguments = (
        "bootstrap",
        "--organization",
        "A",
        "--project",
        "P",
        "--email",
        f"{uuid4().hex}@example.com",
    )
    code, out, error = run(*arguments, "--password", "12345678", "--json")
    assert (code, error) == (0, "Warning: This password is too easy to guess.\n")
    assert json.loads(out)["user_id"]


def test_users_are_made_in_an_organization(made, run):
    email = f"agent-{uuid4().hex}@example.com"
    arguments = ("user", "create", "--email", email, "--password", PASSWORD, "--level", "admin", "--json")
    code, out, _ = run(*arguments, "--organization", made["organization_id"])
    assert code == 0 and json.loads(out)["user_id"] > made["user_id"]
    assert run(*arguments, "--organization", made["organization_id"])[0] == 2
    for unknown in (str(uuid4()), "x"):
        code, out, error = run(*arguments, "--organization", unknown)
        assert (code, out) == (2, "") and "There is no organization" in error


def test_two_factor_sign_in_is_turned_off_for_who_has_lost_it(made, run):
    code, out, _ = run("user", "two-factor-off", "--email", made["email"])
    assert code == 0 and "signs in with the password alone" in out
    code, _, error = run("user", "two-factor-off", "--email", f"{uuid4().hex}@example.com")
    assert code == 2 and "Nobody has the address" in error


def test_keys_have_scopes_and_projects(made, run):
    arguments = ("api-key", "create", "--email", made["email"], "--label", "robot", "--json")
    code, out, _ = run(
        *arguments, "--scopes", "ticket:read,person:write", "--project", str(made["project_id"])
    )
    assert code == 0
    assert set(json.loads(out)) == {"id", "personal_api_key"}
    other = json.loads(run(*BOOTSTRAP, f"{uuid4().hex}@example.com", "--json")[1])
    for bad in (
        ("--scopes", "ticket:reed"),
        ("--scopes", ","),
        ("--scopes", "*", "--project", str(other["project_id"])),
        ("--scopes", "*", "--label", "x" * 41),
        ("--scopes", "*", "--email", "nobody@example.com"),
    ):
        code, out, error = run(*arguments, *bad)
        assert (code, out) == (2, "") and error.strip()


def test_a_running_server_knows_at_once_what_commands_make(environment, run, tmp_path):
    server = ParleyServer(tmp_path, environment)
    server.start()
    try:
        made = json.loads(run(*BOOTSTRAP, f"{uuid4().hex}@example.com", "--json")[1])
        headers = {"Authorization": f"Bearer {made['personal_api_key']}"}
        answer = httpx.get(f"{server.url}/api/projects/{made['project_id']}/", headers=headers)
        assert answer.status_code == 200
        found = answer.json()
        assert found["conversations_enabled"] is True
        assert found["conversations_settings"] == {
            "widget_enabled": True,
            "widget_public_token": made["widget_token"],
        }
        assert found["secret_api_token"] == made["secret_api_token"]
    finally:
        server.stop()


def test_migrate_says_what_it_did(run):
    assert run("migrate")[0] == 0
    assert run("migrate")[1] == "The database is up to date.\n"


def test_a_doctor_prints_the_tables_of_clickhouse(made, run):
    code, out, _ = run("doctor", "--ddl")
    assert code == 0 and "CREATE TABLE IF NOT EXISTS event (" in out and "ON CLUSTER" not in out
    code, out, _ = run("doctor", "--ddl", "--cluster", "main")
    assert code == 0 and "event_local ON CLUSTER main" in out
    assert run("doctor", "--ddl", "--cluster", "a b")[0] != 0


def test_a_doctor_names_a_clickhouse_that_is_away_without_its_password(made, run):
    away = "clickhouse://parley:geheim@127.0.0.1:1/events"
    code, out, err = run("doctor", PARLEY_EVENTS_URL=away)
    assert code == 1 and "ClickHouse at 127.0.0.1:1/events does not answer" in out
    assert "geheim" not in out + err


def test_a_doctor_finds_a_healthy_parley_well(made, run):
    code, out, _ = run("doctor")
    lines = out.splitlines()
    assert code == 0, out
    assert lines[-1] == "Everything is well."
    assert all(line.startswith(("ok ", "skipped ")) and line.endswith(".") for line in lines[:-1]), out
    assert "the schema is up to date" in out


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "PostgreSQL at 127.0.0.1:1 can't be used. PARLEY_DATABASE_URL: the database does not answer",
        ),
        ({"PARLEY_REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis does not answer"),
        ({"PARLEY_SMTP_URL": "smtp://127.0.0.1:1"}, "mail server 127.0.0.1:1 does not answer"),
        ({"PARLEY_TYPO": "1"}, "PARLEY_TYPO is not a setting of Parley"),
        ({"PARLEY_RATE_LIMITS": "maybe"}, "PARLEY_RATE_LIMITS"),
    ],
)
def test_a_doctor_names_what_is_wrong(run, changes, text):
    code, out, _ = run("doctor", **changes)
    assert code == 1
    assert [line for line in out.splitlines() if line.startswith("FAILED") and text in line]


def test_other_commands_refuse_bad_settings_with_a_sentence(run):
    for command in (("migrate",), ("serve",), (*BOOTSTRAP, "a@example.com")):
        code, out, error = run(*command, PARLEY_TYPO="1")
        assert (code, out) == (2, "") and "PARLEY_TYPO" in error
    code, _, error = run("migrate", PARLEY_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert code == 2 and "the database does not answer" in error


def test_openapi_prints_the_document_without_touching_anything(run, tmp_path):
    code, out, _ = run("openapi", PARLEY_DATA_DIR=str(tmp_path / "none"))
    document = json.loads(out)
    assert code == 0 and document["openapi"].startswith("3.1")
    assert "/api/organizations" in document["paths"]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [(), ("fly",), ("bootstrap",), ("user",), ("serve", "--port", "0")])
def test_a_wrong_call_is_exit_2(run, arguments):
    assert run(*arguments)[0] == 2
