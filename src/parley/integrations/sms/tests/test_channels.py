"""Numbers are connected and disconnected, by admins, each for one project."""

import pytest

from parley.integrations.twilio.tests.double import INBOUND, OWN, SITE, refusal, sid


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/conversations/sms_channels"


async def test_a_number_is_connected_and_twilio_is_told(line, api, path, twilio):
    assert (line["phone_number"], line["is_routed"], line["problem"]) == (OWN, True, None)
    assert line["inbound_url"] == SITE + INBOUND
    routes = {"SmsUrl": SITE + INBOUND, "SmsFallbackUrl": SITE + INBOUND}
    assert twilio.routed == [
        {"sid": sid("PN", 0), **routes, "SmsMethod": "POST", "SmsFallbackMethod": "POST"}
    ]
    assert (await api.get(path)).json()["results"] == [line]
    assert (await api.get(f"{path}/{line['id']}")).json() == line


async def test_where_twilio_refuses_the_page_says_what_to_copy(api, path, account, twilio):
    twilio.instead = [("POST ", refusal(400, 21402, "no"))]
    made = await api.post(path, json={"integration_id": account["id"], "phone_number": OWN})
    assert made.status_code == 201
    assert made.json()["is_routed"] is False and "400" in made.json()["problem"]


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"phone_number": "+15005550111"}, "phone_number", "does_not_exist"),
        ({"phone_number": "hello"}, "phone_number", "invalid_input"),
        ({"phone_number": OWN, "integration_id": 1}, "integration_id", "does_not_exist"),
        ({}, "phone_number", "required"),
    ],
)
async def test_other_numbers_are_refused(api, path, account, body, attr, code):
    answer = await api.post(path, json={"integration_id": account["id"], **body})
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)


async def test_a_number_is_in_one_project_only(line, api, path, account, cast, twilio):
    again = await api.post(path, json={"integration_id": account["id"], "phone_number": OWN})
    assert (again.status_code, again.json()["code"]) == (400, "in_use")
    theirs = f"/api/projects/{cast.mallory.project.id}"
    made = await cast.mallory.client.post(
        f"{theirs}/integrations/", json={"kind": "twilio", "config": twilio.config}
    )
    body = {"integration_id": made.json()["id"], "phone_number": OWN}
    taken = await cast.mallory.client.post(f"{theirs}/conversations/sms_channels", json=body)
    assert (taken.status_code, taken.json()["code"]) == (400, "in_use")
    other = {"integration_id": account["id"], "phone_number": "+15005550001"}
    foreign = await cast.mallory.client.post(f"{theirs}/conversations/sms_channels", json=other)
    assert (foreign.status_code, foreign.json()["attr"]) == (400, "integration_id")


async def test_only_admins_change_and_nobody_else_sees(line, path, bob, mallory, account):
    body = {"integration_id": account["id"], "phone_number": "+15005550001"}
    assert (await bob.client.post(path, json=body)).status_code == 403
    assert (await bob.client.delete(f"{path}/{line['id']}")).status_code == 403
    assert (await bob.client.get(path)).status_code == 200
    assert (await mallory.client.get(f"{path}/{line['id']}")).status_code in (403, 404)


async def test_a_disconnected_number_takes_nothing_more(line, api, path, phone, twilio, project):
    assert (await api.delete(f"{path}/{line['id']}")).status_code == 204
    assert (await phone.post(INBOUND, twilio.message("Hello"))).status_code == 403
    again = await api.delete(f"{path}/{line['id']}")
    assert again.status_code == 404


async def test_the_audit_log_tells_who_connects_and_disconnects_numbers(line, api, path, alice):
    await api.delete(f"{path}/{line['id']}")
    log = await api.get(f"/api/organizations/{alice.organization_id}/audit_log/")
    told = [(one["action"], one["target"]["name"]) for one in log.json()["results"]]
    assert told[:2] == [("sms_channel.disconnected", OWN), ("sms_channel.connected", OWN)]


async def test_with_the_account_its_numbers_go(line, api, path, project, account):
    gone = await api.delete(f"/api/projects/{project.id}/integrations/{account['id']}")
    assert gone.status_code == 204
    assert (await api.get(path)).json()["count"] == 0
