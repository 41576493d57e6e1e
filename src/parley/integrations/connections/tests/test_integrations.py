"""Accounts are connected, shown and disconnected."""

from typing import Any

import pytest
from sqlalchemy import select

from parley.accounts.audit_log.tables import audit_entry
from parley.integrations.connections.errors import CredentialsRejected, WrongKind
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.tables import integration
from parley.integrations.connections.tests.kinds import NAME, make_integration
from parley.kernel.errors import NotFound
from parley.kernel.jobs.tables import outbox
from parley.kernel.secrets import Vault

SECRET = "a key that is secret"
NEW: dict[str, Any] = {"kind": NAME, "config": {"number": "7", "key": SECRET, "street": "Main Street"}}


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/integrations/"


async def test_an_account_is_connected_and_shown_without_its_secrets(api, path, alice):
    made = await api.post(path, json=NEW)
    assert made.status_code == 201
    one = made.json()
    assert isinstance(one.pop("id"), int) and one.pop("created_at").endswith("Z")
    assert one.pop("created_by")["email"] == alice.email
    assert one == {
        "kind": NAME,
        "config": {"number": "7", "street": "Main Street"},
        "errors": "",
        "display_name": "No. 7",
    }
    listed = (await api.get(path.replace("/projects/", "/environments/"))).json()
    assert (listed["count"], listed["results"]) == (1, [made.json()])
    assert (await api.get(f"{path}{made.json()['id']}")).json() == made.json()
    assert SECRET not in made.text


async def test_every_text_among_the_secrets_is_encrypted(api, path, database, services, project):
    id = (await api.post(path, json=NEW)).json()["id"]
    async with database.transaction(write=False) as db:
        mine = integration.c.project_id == project.id
        [(stored,)] = await db.execute(select(integration.c.sensitive_config).where(mine))
        found = await connected(db, services.vault, project.id, id, NAME)
    assert SECRET not in str(stored) and stored["spare"][1:] == [7, None]
    assert services.vault.decrypt(stored["key"]) == SECRET
    assert found.secrets == {"key": SECRET, "spare": [{"key": f"{SECRET} too"}, 7, None]}
    assert SECRET not in f"{found!r} {found}"


async def test_the_same_account_again_keeps_its_id_and_loses_its_error(api, path, database, project, cast):
    first = (await api.post(path, json=NEW)).json()
    async with database.transaction() as db:
        mine = integration.c.project_id == project.id
        await db.execute(integration.update().where(mine).values(errors="TOKEN_REFRESH_FAILED"))
    assert (await api.get(f"{path}{first['id']}")).json()["errors"] == "TOKEN_REFRESH_FAILED"
    changed = {**NEW, "config": {**NEW["config"], "key": "another key", "street": "Side Street"}}
    second = (await api.post(path, json=changed)).json()
    assert second == {**first, "config": {"number": "7", "street": "Side Street"}}
    other = {**NEW, "config": {**NEW["config"], "number": "8"}}
    assert (await api.post(path, json=other)).json()["id"] != first["id"]
    assert (await api.get(path)).json()["count"] == 2
    assert (await cast.mallory.client.get(f"{path}{first['id']}")).status_code in (403, 404)


@pytest.mark.parametrize(
    ("body", "detail", "attr"),
    [
        ({"kind": "carrier-pigeon", "config": {}}, "Kind not supported", "kind"),
        ({"kind": NAME, "config": {}}, "Number and key must be provided.", None),
        ({"kind": NAME}, "Number and key must be provided.", None),
        ({"kind": NAME, "config": {"number": "7", "key": "wrong"}}, "This key opens nothing.", "key"),
        ({"kind": NAME, "config": {"number": "7" * 256, "key": "k"}}, "no usable id", None),
        ({"config": {}}, "This field is required.", "kind"),
    ],
    ids=str,
)
async def test_what_can_not_be_connected_is_refused(api, path, body, detail, attr):
    answer = await api.post(path, json=body)
    assert answer.status_code == 400
    error = answer.json()
    assert detail in error["detail"] and (error["attr"], error["type"]) == (attr, "validation_error")
    assert (await api.get(path)).json()["count"] == 0


async def test_a_request_that_is_repeated_connects_once(api, path):
    headers = {"Idempotency-Key": "one"}
    first, second = [await api.post(path, json=NEW, headers=headers) for _ in range(2)]
    assert (first.json(), second.headers["Idempotent-Replayed"]) == (second.json(), "true")
    wrong = {**NEW, "config": {"number": "9", "key": "wrong"}}
    answers = [await api.post(path, json=wrong, headers={"Idempotency-Key": "two"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [400, 400]
    assert "Idempotent-Replayed" in answers[1].headers


async def test_members_read_and_only_admins_connect_and_disconnect(cast, path, services):
    id, bob = await make_integration(services, cast.alice), cast.bob.client
    assert (await bob.get(f"{path}{id}")).status_code == 200
    for answer in (await bob.post(path, json=NEW), await bob.delete(f"{path}{id}")):
        assert answer.status_code == 403
        assert answer.json()["detail"] == "You don't have sufficient permissions in the project."
    assert (await bob.get(path)).json()["count"] == 1


async def test_disconnecting_forgets_the_account(api, path, services, alice, database):
    id = await make_integration(services, alice)
    assert (await api.delete(f"{path}{id}")).status_code == 204
    assert (await api.get(f"{path}{id}")).status_code == 404
    assert (await api.delete(f"{path}{id}")).status_code == 404
    async with database.transaction(write=False) as db:
        mine = outbox.c.project_id == alice.project_id
        rows = await db.execute(select(outbox.c.name, outbox.c.payload).where(mine).order_by(outbox.c.id))
        told = [(name, payload) for name, payload in rows if name.startswith("integration.")]
    payload = {"id": id, "kind": NAME, "integration_id": "7"}
    assert told == [("integration.connected", payload), ("integration.disconnected", payload)]


@pytest.mark.parametrize("id", ["0", "-1", "1.5", "99999999999", "x", "\u0661", "%00", "2147483648"])
async def test_what_is_no_id_is_not_found(api, path, id):
    assert (await api.get(f"{path}{id}")).status_code == 404
    assert (await api.delete(f"{path}{id}")).status_code == 404


async def test_both_logs_tell_of_it_and_none_has_a_secret(api, path, alice, database):
    id = (await api.post(path, json=NEW)).json()["id"]
    await api.post(path, json=NEW)
    await api.delete(f"{path}{id}")
    log = (await api.get(f"/api/projects/{alice.project_id}/activity_log/?scope=Integration")).json()
    assert [one["activity"] for one in log["results"]] == ["deleted", "updated", "created"]
    assert {one["detail"]["name"] for one in log["results"]} == {"letterbox: No. 7"}
    async with database.transaction(write=False) as db:
        mine = audit_entry.c.organization_id == alice.organization_id
        rows = (await db.execute(select(audit_entry).where(mine).order_by(audit_entry.c.id))).all()
    actions = [row.action for row in rows if row.target_type == "integration"]
    assert actions == ["integration.connected", "integration.reconnected", "integration.disconnected"]
    assert SECRET not in f"{log} {rows}"


async def test_features_above_find_an_account_only_in_its_project_and_of_its_kind(services, cast):
    id = await make_integration(services, cast.alice)
    async with services.database.transaction(write=False) as db:
        with pytest.raises(NotFound):
            await connected(db, services.vault, cast.mallory.project_id, id, NAME)
        with pytest.raises(WrongKind, match="twilio"):
            await connected(db, services.vault, cast.alice.project_id, id, "twilio")
        with pytest.raises(CredentialsRejected):  # the secret key was lost: it must be connected again
            await connected(db, Vault("another secret key, long enough"), cast.alice.project_id, id, NAME)


async def test_secrets_from_before_they_were_encrypted_can_be_read(services, alice, database):
    id = await make_integration(services, alice)
    async with database.transaction() as db:
        mine = integration.c.project_id == alice.project_id
        await db.execute(integration.update().where(mine).values(sensitive_config={"key": "plain"}))
        found = await connected(db, services.vault, alice.project_id, id, NAME)
    assert found.secrets == {"key": "plain"}
