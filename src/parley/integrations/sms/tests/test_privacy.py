"""A number is personal data: it is given out and erased with its person."""

from parley.integrations.twilio.tests.double import CUSTOMER


async def test_a_number_is_exported_and_erased(phone, api, project, database):
    await phone.send("Hello")
    await phone.send("STOP")
    base = f"/api/projects/{project.id}"
    exported = (await api.get(f"{base}/personal_data/", params={"distinct_id": CUSTOMER})).json()
    assert [one["number"] for one in exported["text_contacts"]] == [CUSTOMER]
    erased = await api.delete(f"{base}/personal_data/", params={"distinct_id": CUSTOMER})
    assert erased.status_code == 200, erased.text
    assert erased.json()["text_contacts"] == 1
    assert (await api.get(f"{base}/conversations/sms_opt_outs")).json()["count"] == 0
    assert (await api.get(f"{base}/conversations/tickets/")).json()["count"] == 0
