"""What an identity provider does is in the audit log once, under the name of its token."""

import pytest
from sqlalchemy import select

from parley.accounts.audit_log.actions import NOBODY, record_for_user
from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.users.actions import change_user
from parley.accounts.users.tables import user_account


@pytest.fixture
def entries(alice):
    """Return what the log has, oldest first."""

    async def found(**query):
        path = f"/api/organizations/{alice.organization_id}/audit_log/"
        answer = await alice.client.get(path, params=query)
        return answer.json()["results"][::-1]

    return found


async def test_each_change_of_people_is_one_entry_by_the_token(acme, alice, entries):
    made = await acme.make("ada")
    url = f"{acme.base}/Users/{made['id']}"
    for active in (False, True):
        body = {"Operations": [{"op": "replace", "path": "active", "value": active}]}
        assert (await acme.client.patch(url, json=body)).status_code == 200
    assert (await acme.client.delete(url)).status_code == 204
    found = await entries()
    actions = ["scim_provisioned", "scim_updated", "scim_updated", "scim_deprovisioned"]
    assert [one["action"] for one in found] == actions
    token = {"id": str(acme.domain_id), "label": f"SCIM token of {acme.domain}"}
    assert [(one["user"], one["api_key"]) for one in found] == [(None, token)] * 4
    assert (found[1]["before"], found[1]["after"]) == ({"active": True}, {"active": False})
    assert found[1]["summary"].startswith("The identity provider changed what it says about")
    assert len(await entries(search=f"token of {acme.domain}")) == 4


async def test_each_change_of_groups_is_one_entry_by_the_token(acme, alice, entries):
    group = f"{acme.base}/Groups"
    url = f"{group}/{(await acme.client.post(group, json={'displayName': 'Support'})).json()['id']}"
    assert (await acme.client.put(url, json={"displayName": "Billing"})).status_code == 200
    assert (await acme.client.delete(url)).status_code == 204
    found = await entries()
    assert [one["action"] for one in found] == ["scim_provisioned", "scim_replaced", "scim_deprovisioned"]
    assert {one["api_key"]["label"] for one in found} == {f"SCIM token of {acme.domain}"}
    assert (found[1]["before"]["name"], found[1]["after"]["name"]) == ("Support", "Billing")


async def test_who_loses_an_account_to_the_owner_of_the_address_did_not_do_that_themselves(
    acme, cast, mallory, services, database
):
    async with services.database.transaction() as db:
        await cast.make_member(db, mallory.project, level=15, name="eve")
        squatted = {"email": f"ada@{acme.domain}", "is_email_verified": False}
        await change_user(db, services, mallory.user_id, squatted)
    await acme.make("ada")
    mine = audit_entry.c.organization_id == mallory.organization_id
    async with database.transaction(write=False) as db:
        made = (await db.execute(select(audit_entry).where(mine))).all()
    [entry] = [one for one in made if one.action == "user.credentials_ended"]
    assert (entry.user_id, entry.key_id, entry.target_id) == (None, None, str(mallory.user_uuid))
    assert acme.domain not in f"{entry.key_label} {entry.after}"  # the organization isn't the provider's


async def test_what_scim_and_others_do_to_somebody_is_found_by_one_id(acme, services, database, entries):
    made = await acme.make("ada")
    async with database.transaction() as db:
        await record_for_user(db, services, int(made["id"]), "password.changed", by=NOBODY)
        mine = select(user_account.c.uuid).where(user_account.c.id == int(made["id"]))
        uuid = str((await db.execute(mine)).scalar_one())
    found = await entries(target_type="user", target_id=uuid)
    assert [one["action"] for one in found] == ["scim_provisioned", "password.changed"]
