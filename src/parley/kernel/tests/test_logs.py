"""Logs say what failed and where, and nothing of what people have written."""

import json
import logging
import os
from contextlib import suppress

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from parley.kernel.logs import set_up_logs

WORDS = "ada-geheim@example.com"
FAILING = [
    "INSERT INTO kept (word) VALUES (:word)",
    "INSERT INTO kept (word, missing) VALUES (:word, 1)",
    "SELECT nothing_such(:word)",
]


@pytest.mark.parametrize("statement", FAILING)
async def test_the_log_of_a_failed_statement_does_not_hold_what_was_to_be_stored(database, capfd, statement):
    error = None
    try:
        async with database.transaction() as db:
            await db.execute(text("CREATE TEMPORARY TABLE kept (word text UNIQUE)"))
            await db.execute(text("INSERT INTO kept (word) VALUES (:word)"), {"word": WORDS})
            await db.execute(text(statement), {"word": WORDS})
    except Exception as failed:
        error = failed
    assert error is not None
    logged = _logged(capfd, error)
    assert WORDS not in logged["exception"]
    assert "test_logs.py" in logged["exception"] and "Error" in logged["exception"]


def _logged(capfd, error):
    before = structlog.get_config()
    try:
        set_up_logs()
        structlog.get_logger("test").error("unhandled_error", exc_info=error)
    finally:
        structlog.configure(**before)
    return json.loads(capfd.readouterr().err.splitlines()[-1])


async def test_the_log_names_the_route_and_not_what_stands_in_the_path(anonymous, app, monkeypatch):
    async def fail(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr(type(app.app.state.authenticator), "principal", fail)
    for path in ("/api/projects/1/persons/ada-geheim/", "/api/projects/1/conversations/tickets/ada-geheim/"):
        with capture_logs() as logs:
            assert (await anonymous.get(path)).status_code == 500
        assert len(logs) == 1
        assert "ada-geheim" not in str({**logs[0], "exc_info": None})
        assert "/persons/{" in logs[0]["route"] or "/tickets/{" in logs[0]["route"]


async def test_refused_merges_are_logged_without_the_ids(anonymous, project):
    event = {"event": "$identify", "distinct_id": "ada-geheim", "properties": {"$anon_distinct_id": "guest"}}
    with capture_logs() as logs:
        await anonymous.post("/e/", json={**event, "token": project.api_token})
    assert [entry["event"] for entry in logs] == ["person_merges_refused"]
    assert "ada-geheim" not in str(logs)


@pytest.mark.parametrize("trouble", ["a full disk", "nobody who reads", "a closed stream"])
def test_a_log_that_cannot_be_written_is_no_fault_of_what_logs(trouble, monkeypatch):
    if trouble == "nobody who reads":
        reader, writer = os.pipe()
        os.close(reader)
        stream = os.fdopen(writer, "w", buffering=1)
    else:
        stream = open("/dev/full", "w", buffering=1)  # noqa: SIM115 - closed below, or never
    if trouble == "a closed stream":
        with suppress(OSError):
            stream.close()
    monkeypatch.setattr("sys.stderr", stream)
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    try:
        set_up_logs()
        for _ in range(3):
            structlog.get_logger("test").error("unhandled_error", what="x" * 9000)
            logging.getLogger("test").error("unhandled error")
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = handlers
        with suppress(OSError):
            stream.close()
