"""Rules by the API: who may change them, what is refused, and that nobody sees those of others."""

import pytest
from sqlalchemy import update

from parley.integrations.linkedin_conversions.tables import linkedin_conversion_rule
from tests.test_unseen_in_tags_upgrade import rewrite_tags


async def test_rules_are_made_shown_changed_and_deleted(conversions):
    client, path = conversions.alice.client, conversions.path
    rule = await conversions.add(trigger="ticket_tagged", trigger_value=" qualified ")
    assert (rule["trigger_value"], rule["enabled"], rule["amount"]) == ("qualified", True, None)
    assert (await client.get(f"{path}{rule['id']}/")).json() == rule
    assert (await client.get(path)).json()["results"] == [rule]
    half = await client.patch(f"{path}{rule['id']}/", json={"amount": "5"})
    assert (half.status_code, half.json()["attr"]) == (400, "currency")
    changed = await client.patch(f"{path}{rule['id']}/", json={"amount": "5", "currency": "EUR"})
    assert (changed.json()["amount"], changed.json()["currency"]) == ("5", "EUR")
    assert (await client.delete(f"{path}{rule['id']}/")).status_code == 204
    assert (await client.get(f"{path}{rule['id']}/")).status_code == 404
    log = await client.get(f"/api/organizations/{conversions.alice.organization_id}/audit_log/")
    actions = [one["action"] for one in log.json()["results"] if one["action"].startswith("conversion_rule")]
    assert actions == ["conversion_rule.deleted", "conversion_rule.changed", "conversion_rule.created"]


async def test_a_tag_is_the_one_that_tickets_have_also_in_a_rule_of_before(conversions, services):
    rule = await conversions.add(trigger="ticket_tagged", trigger_value="VIP")
    assert rule["trigger_value"] == "vip"
    columns = linkedin_conversion_rule.c
    mine = columns.project_id == conversions.alice.project_id
    async with services.database.transaction() as db:
        await db.execute(update(linkedin_conversion_rule).where(mine).values(trigger_value="VI\u200dP"))
        await db.connection.run_sync(rewrite_tags)
    after = await conversions.alice.client.get(f"{conversions.path}{rule['id']}/")
    assert after.json()["trigger_value"] == "vip"


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"conversion_rule_id": "urn:x"}, "conversion_rule_id"),
        ({"ad_account_id": "1" * 20}, "ad_account_id"),
        ({"trigger": "ticket_closed"}, "trigger"),
        ({"trigger": "ticket_tagged"}, "trigger_value"),
        ({"amount": "-1", "currency": "EUR"}, "amount"),
        ({"amount": "1"}, "currency"),
        ({"amount": "1", "currency": "eur"}, "currency"),
        ({"integration_id": 7}, "integration_id"),
        ({"integration_id": "x"}, "integration_id"),
    ],
)
async def test_what_linkedin_would_not_take_is_refused(conversions, fields, attr):
    answer = await conversions.alice.client.post(conversions.path, json=conversions.body(**fields))
    assert (answer.status_code, answer.json()["attr"]) == (400, attr), answer.text


async def test_only_admins_of_this_project_change_rules(conversions, world):
    rule = await conversions.add()
    one, cast = f"{conversions.path}{rule['id']}/", world.cast
    assert (await cast.bob.client.get(one)).status_code == 200
    for method, path, body in (
        ("POST", conversions.path, conversions.body()),
        ("PATCH", one, {"enabled": False}),
        ("DELETE", one, None),
    ):
        assert (await cast.bob.client.request(method, path, json=body)).status_code == 403
        assert (await cast.mallory.client.request(method, path, json=body)).status_code in (403, 404)
    theirs = conversions.path.replace(str(conversions.alice.project_id), str(cast.mallory.project_id))
    for path in (f"{theirs}{rule['id']}/", f"{theirs}{rule['id']}/deliveries/", f"{theirs}nothing/"):
        assert (await cast.mallory.client.get(path)).status_code == 404
    stolen = await cast.mallory.client.post(theirs, json=conversions.body())
    assert (stolen.status_code, stolen.json()["attr"]) == (400, "integration_id")


async def test_rules_end_with_the_account_that_they_send_to(conversions):
    await conversions.add()
    account = f"/api/projects/{conversions.alice.project_id}/integrations/{conversions.integration_id}/"
    assert (await conversions.alice.client.delete(account)).status_code == 204
    assert (await conversions.alice.client.get(conversions.path)).json()["results"] == []
