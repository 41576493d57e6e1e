"""E-mail channels through the API, in both of its forms."""

from uuid import uuid4

import pytest
import pytest_asyncio

from parley.email.channels import actions
from parley.email.channels.tests.channels import cheap_key, domain_of, one_key
from parley.kernel.network.dns import DnsResolver
from parley.kernel.network.mail import Mailer
from tests.dns_server import dns_server

CHANNELS = "/api/projects/@current/conversations/email_channels/"
V1 = "/api/conversations/v1/email/"


@pytest.fixture(autouse=True)
def keys_that_are_made_once(monkeypatch):
    """Making a key takes a tenth of a second of processor time."""
    monkeypatch.setattr(actions, "new_dkim_key", cheap_key)


@pytest_asyncio.fixture
async def dns(services, monkeypatch):
    async with dns_server() as server:
        monkeypatch.setattr(services, "dns", DnsResolver(server.address))
        yield server


def body(member, name="support", **more):
    return {"from_email": f"{name}@{domain_of(member)}", "from_name": " Support  team ", **more}


async def connect(member, name="support", **more):
    answer = await member.client.post(CHANNELS, json=body(member, name, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def publish(dns, channel):
    for record in channel["dns_records"]["sending_dns_records"]:
        dns.publish(record["name"], record["record_type"], record["value"])


async def test_an_address_is_connected_proved_and_disconnected(alice, dns):
    made = await connect(alice)
    assert made["from_name"] == "Support team" and made["is_default"] and not made["domain_verified"]
    assert made["forwarding_address"].startswith("team-") and made["connection_status"] == "pending"
    assert (made["setup_expires_at"], made["confirmation_available"], made["hint"]) == (None, False, None)
    assert made["forwarding_address"].endswith("@inbound.localhost")
    one = f"{CHANNELS}{made['id']}/"
    records = made["dns_records"]["sending_dns_records"]
    assert [(record["record_type"], record["valid"]) for record in records] == [("TXT", False)] * 2
    not_yet = (await alice.client.post(f"{one}verify/")).json()
    assert not not_yet["domain_verified"] and not_yet["checked_at"]
    publish(dns, made)
    dns.publish(f"_dmarc.{domain_of(alice)}", "TXT", "v=DMARC1; p=none")
    dns.asked.clear()
    proved = (await alice.client.post(f"{one}verify/")).json()
    assert proved["domain_verified"] and proved["connection_status"] == "connected"
    assert all(record["valid"] for record in proved["dns_records"]["sending_dns_records"])
    assert proved["dns_records"]["dmarc"]["policy"] == "none"
    assert {(record["name"], "TXT") for record in records} < set(dns.asked)
    assert (await alice.client.get(one)).json() == proved
    assert (await alice.client.get(CHANNELS)).json()["results"] == [proved]
    assert (await alice.client.delete(one)).status_code == 204
    assert (await alice.client.get(one)).status_code == 404


async def test_posthogs_clients_do_the_same(alice, dns):
    answer = await alice.client.post(f"{V1}connect", json=body(alice, project_id=alice.project_id))
    config = answer.json()["config"]
    assert answer.status_code == 201 and (await alice.client.get(f"{V1}status")).json() == {
        "configs": [config]
    }
    publish(dns, config)
    named = {"config_id": config["id"], "project_id": alice.project_id}
    proved = (await alice.client.post(f"{V1}verify-domain", json=named)).json()["config"]
    assert proved["domain_verified"]
    second = (await alice.client.post(f"{V1}connect", json=body(alice, "sales"))).json()["config"]
    assert second["domain_verified"] and not second["is_default"]  # the domain is the same
    chosen = await alice.client.post(f"{V1}set-default", json={"config_id": second["id"]})
    assert chosen.json()["config"]["is_default"]
    left = (await alice.client.post(f"{V1}disconnect", json={"config_id": second["id"]})).json()
    assert [(one["id"], one["is_default"]) for one in left["configs"]] == [(config["id"], True)]
    settings = (await alice.client.get("/api/projects/@current/")).json()["conversations_settings"]
    assert settings["email_enabled"] is True
    assert (await alice.client.post(f"{V1}disconnect", json=named)).json() == {"success": True, "configs": []}
    settings = (await alice.client.get("/api/projects/@current/")).json()["conversations_settings"]
    assert settings["email_enabled"] is False


@pytest.mark.parametrize(
    ("given", "attr"),
    [
        ({"from_email": "nobody"}, "from_email"),
        ({"from_email": "a@b.example\r\nBcc: c@d.example"}, "from_email"),
        ({"from_email": ""}, "from_email"),
        ({"from_name": " "}, "from_name"),
        ({"from_name": "x" * 201}, "from_name"),
        ({"kind": "other"}, "kind"),
        ({"owner_id": 2_000_000_000}, "owner_id"),
    ],
)
async def test_what_is_no_channel_is_refused_in_both_forms(alice, given, attr):
    answer = await alice.client.post(CHANNELS, json=body(alice) | given)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    again = await alice.client.post(f"{V1}connect", json=body(alice) | given)
    assert again.status_code == 400 and again.json()["error"] == answer.json()["detail"]


async def test_only_admins_connect_support_and_everybody_an_address_of_their_own(alice, bob):
    refused = await bob.client.post(f"{V1}connect", json=body(bob))
    assert refused.status_code == 403 and refused.json()["error"]
    own = await connect(bob, "bob", kind="customer_communication")
    assert own["owner_id"] == bob.user_id and not own["is_default"]
    others = body(bob, "x", kind="customer_communication", owner_id=alice.user_id)
    assert (await bob.client.post(CHANNELS, json=others)).status_code == 403
    ours = await connect(alice)
    for path in ("disconnect", "verify-domain", "set-default"):
        answer = await bob.client.post(V1 + path, json={"config_id": ours["id"]})
        assert answer.status_code == 403
    assert (await bob.client.patch(f"{CHANNELS}{ours['id']}/", json={"from_name": "B"})).status_code == 403
    changed = await bob.client.patch(f"{CHANNELS}{own['id']}/", json={"from_name": "B"})
    assert changed.json()["from_name"] == "B"
    refused = await alice.client.patch(f"{CHANNELS}{own['id']}/", json={"is_default": True})
    assert refused.status_code == 400
    assert (await bob.client.delete(f"{CHANNELS}{own['id']}/")).status_code == 204


async def test_nobody_reaches_the_channels_of_another_organization(alice, mallory, dns):
    made = await connect(alice)
    for path in ("disconnect", "verify-domain", "set-default", "send-test"):
        named = {"config_id": made["id"]}
        assert (await mallory.client.post(V1 + path, json=named)).status_code == 404
        named["project_id"] = alice.project_id
        assert (await mallory.client.post(V1 + path, json=named)).status_code == 403
    assert (await mallory.client.get(f"{V1}status?project_id={alice.project_id}")).status_code == 403
    for method in ("get", "delete", "patch"):
        for id in (made["id"], uuid4(), "x"):
            assert (await getattr(mallory.client, method)(f"{CHANNELS}{id}/")).status_code == 404
    assert dns.asked == []


async def test_an_address_is_kept_by_who_has_the_proof(alice, mallory, dns):
    """Whoever claims first gains nothing by it."""
    claimed = (await mallory.client.post(CHANNELS, json=body(alice))).json()
    ours = await connect(alice)
    publish(dns, ours)
    assert (await alice.client.post(f"{CHANNELS}{ours['id']}/verify/")).json()["domain_verified"]
    again = (await mallory.client.post(f"{CHANNELS}{claimed['id']}/verify/")).json()
    assert not again["domain_verified"]
    taken = await mallory.client.post(f"{V1}connect", json=body(alice))
    assert taken.status_code == 409 and taken.json()["error"]
    # Whoever could publish both keys owns the domain; still, an address belongs to one project.
    dns.publish(
        claimed["dns_records"]["sending_dns_records"][0]["name"], "TXT", f"k=rsa; p={one_key().public_key}"
    )
    assert (await mallory.client.post(f"{CHANNELS}{claimed['id']}/verify/")).status_code == 409


async def test_a_key_for_one_project_names_it(alice, cast, dns):
    key = await cast.make_key(alice, ["ticket:write"], projects=[alice.project_id])
    assert (await key.get(f"{V1}status?project_id={alice.project_id}")).status_code == 200
    reading = await cast.make_key(alice, ["ticket:read"])
    assert (await reading.get(CHANNELS)).status_code == 200
    assert (await reading.post(CHANNELS, json=body(alice))).status_code == 403
    assert (await reading.get(f"{V1}status")).status_code == 403


async def test_no_answer_has_the_private_key(alice):
    made = await alice.client.post(CHANNELS, json=body(alice))
    assert "PRIVATE" not in made.text and "private" not in made.text


async def test_a_test_is_mailed_to_the_caller_and_signed(alice, dns, services, sent_mail):
    made = await connect(alice)
    one, named = f"{CHANNELS}{made['id']}/send_test/", {"config_id": made["id"]}
    refused = await alice.client.post(f"{V1}send-test", json=named)
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "The domain of this channel is not verified yet."},
    )
    publish(dns, made)
    await alice.client.post(f"{CHANNELS}{made['id']}/verify/")
    assert (await alice.client.post(f"{V1}send-test", json=named)).json()["config"]["id"] == made["id"]
    assert (await alice.client.post(one)).status_code == 200
    first, _ = list(sent_mail)
    assert (first["To"], first["From"]) == (alice.email, f"Support team <{made['from_email']}>")
    assert f"d={domain_of(alice)};" in first["DKIM-Signature"] and first["Auto-Submitted"]


async def test_a_mail_server_that_takes_nothing_is_quoted(alice, dns, services, monkeypatch, free_tcp_port):
    made = await connect(alice)
    publish(dns, made)
    await alice.client.post(f"{CHANNELS}{made['id']}/verify/")
    settings = services.settings
    mailer = Mailer(f"smtp://127.0.0.1:{free_tcp_port}", settings.data_dir, settings.site_url)
    monkeypatch.setattr(services, "mailer", mailer)
    answer = await alice.client.post(f"{V1}send-test", json={"config_id": made["id"]})
    assert answer.status_code == 502 and "did not take the mail" in answer.json()["error"]
