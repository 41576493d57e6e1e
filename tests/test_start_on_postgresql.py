"""What `parley serve` says when PostgreSQL refuses something: one sentence with the cure, and exit 2."""

import subprocess
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.forked_program import run
from tests.test_start import is_one_sentence


def postgres(*statements: str, database: str = "postgres", **parts: str) -> str:
    """Run statements as superuser on an empty database of its own; return its URL for another user or name."""
    url = servers.new_postgres_url()
    name = urlsplit(url).path.strip("/")
    place = urlsplit(url)
    psql = [
        str(servers.postgres_programs() / "psql"),
        "-qX",
        "-h",
        "127.0.0.1",
        "-p",
        str(place.port),
        "-U",
        "parley",
    ]
    for statement in statements:
        subprocess.run(
            [*psql, "-d", name, "-c", statement.format(name=name)], check=True, capture_output=True
        )
    user, wanted = parts.get("user", "parley"), parts.get("name", name)
    return f"postgresql://{user}@127.0.0.1:{place.port}/{wanted}"


POSTGRES = {
    "no such database": ("create it", [], {"name": "nothing_here"}),
    "no such user": ("refuses the user or the password", [], {"user": "stranger:wrong"}),
    "no right to make tables": (
        "make it the owner",
        ["DROP ROLE IF EXISTS weak", "CREATE ROLE weak LOGIN"],
        {"user": "weak"},
    ),
    "no right to connect": (
        "make it the owner",
        ["DROP ROLE IF EXISTS outer_one", "CREATE ROLE outer_one LOGIN", "REVOKE CONNECT ON DATABASE {name} FROM public"],
        {"user": "outer_one"},
    ),
    "no right to make extensions": (
        "CREATE EXTENSION",
        [
            "DROP ROLE IF EXISTS half",
            "CREATE ROLE half LOGIN",
            "GRANT ALL ON SCHEMA public TO half",
        ],
        {"user": "half"},
    ),
    "no connection left": (
        "has no connection left",
        ["DROP ROLE IF EXISTS crowd", "CREATE ROLE crowd LOGIN CONNECTION LIMIT 0"],
        {"user": "crowd"},
    ),
    "a read-only database": (
        "takes no writes", ["ALTER DATABASE {name} SET default_transaction_read_only = on"], {}
    ),
    "a newer schema": (
        "Start the newer version",
        ["CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('0999')"],
        {},
    ),
    "no schema to make tables in": ("create one, such as `public`", ["DROP SCHEMA public"], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", POSTGRES)
def test_what_postgresql_refuses_is_said_in_a_sentence(name, tmp_path):
    cure, statements, parts = POSTGRES[name]
    settings = {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": postgres(*statements, **parts)}
    arguments = ("serve", "--port", str(servers.free_port()))
    is_one_sentence(run(*arguments, settings=settings), cure)


def test_a_database_that_takes_no_writes_is_said_before_anything_starts(tmp_path):
    settings = {"PARLEY_DATA_DIR": str(tmp_path), "PARLEY_DATABASE_URL": postgres()}
    assert run("migrate", settings=settings)[0] == 0
    name = settings["PARLEY_DATABASE_URL"].rsplit("/", 1)[1]
    postgres(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    is_one_sentence(run("serve", "--port", str(servers.free_port()), settings=settings), "takes no writes")
