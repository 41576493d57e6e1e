"""The API of domains."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.domains.tests.conftest import DOMAINS, SAML
from parley.kernel.ids import new_token

FIELDS = {
    "id", "domain", "is_verified", "verified_at", "verification_challenge", "verification_record_name",
    "verification_error", "failing_since", "jit_provisioning_enabled", "sso_enforcement", "has_saml", "saml_entity_id",
    "sso_problem",
    "saml_acs_url", "saml_x509_cert", "saml_allows_idp_initiated", "has_scim", "scim_enabled", "scim_base_url",
    "scim_bearer_token",
}  # fmt: skip


def one(domain):
    return f"{DOMAINS}{domain['id']}/"


def refusal(answer):
    return answer.status_code, answer.json()["code"], answer.json()["attr"]


async def test_a_domain_is_claimed_listed_shown_and_given_up(alice, bob, domain, name):
    assert set(domain) >= FIELDS
    assert domain["domain"] == name and domain["is_verified"] is False and domain["verified_at"] is None
    assert len(domain["verification_challenge"]) == 43
    assert domain["verification_record_name"] == f"_posthog-challenge.{name}"
    assert (domain["sso_enforcement"], domain["jit_provisioning_enabled"]) == ("", False)
    other = (await alice.client.post(DOMAINS, data={"domain": f"A.{name}"})).json()
    listed = (await bob.client.get(DOMAINS)).json()
    assert listed["count"] == 2 and [one["id"] for one in listed["results"]] == sorted(
        [domain["id"], other["id"]], key=lambda id: {domain["id"]: name, other["id"]: f"a.{name}"}[id]
    )
    assert (await bob.client.get(one(domain))).json() == domain
    gone = await alice.client.delete(one(domain))
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await alice.client.get(one(domain))).status_code == 404


async def test_what_only_a_verified_domain_may_have_is_ignored_in_a_claim(alice, name):
    given = {
        "verified_at": "2026-01-01T00:00:00Z",
        "verification_challenge": "x",
        "jit_provisioning_enabled": True,
    }
    given |= {
        "sso_enforcement": "saml",
        "scim_enabled": True,
        "scim_bearer_token": "x",
        "domain": name,
    } | SAML
    made = (await alice.client.post(DOMAINS, json=given)).json()
    assert (made["is_verified"], made["jit_provisioning_enabled"], made["sso_enforcement"]) == (
        False,
        False,
        "",
    )
    assert (made["has_scim"], made["scim_base_url"], made["scim_bearer_token"]) == (False, None, None)
    assert made["verification_challenge"] != "x"
    assert made["has_saml"] is True and made["saml_entity_id"] == SAML["saml_entity_id"]


async def test_a_claim_blocks_nobody_but_a_proof_does(alice, mallory, domain, name, store, clock):
    again = await alice.client.post(DOMAINS, json={"domain": name.upper()})
    assert refusal(again) == (400, "unique", "domain")
    assert again.json()["detail"] == "domain with this domain already exists."
    claim = await mallory.client.post(DOMAINS, json={"domain": name})
    assert claim.status_code == 201
    await store(domain, verified_at=clock.now())
    assert refusal(await mallory.client.post(f"{one(claim.json())}verify")) == (400, "unique", "domain")
    await mallory.client.delete(one(claim.json()))
    assert refusal(await mallory.client.post(DOMAINS, json={"domain": name})) == (400, "unique", "domain")


@pytest.mark.parametrize(
    ("value", "code"),
    [("one.two.c", "invalid_input"), ("", "blank"), (None, "null"), ("a." * 80 + "com", "max_length")],
)
async def test_a_claim_needs_a_good_name(alice, value, code):
    assert refusal(await alice.client.post(DOMAINS, json={"domain": value})) == (400, code, "domain")
    assert refusal(await alice.client.post(DOMAINS, json={})) == (400, "required", "domain")


async def test_a_policy_waits_for_the_proof(alice, domain, store, clock):
    for field, value in (
        ("sso_enforcement", ""),
        ("jit_provisioning_enabled", False),
        ("sso_enforcement", "saml"),
    ):
        answer = await alice.client.patch(one(domain), json={field: value})
        assert refusal(answer) == (400, "verification_required", field)
        assert answer.json()["detail"] == "This attribute cannot be updated until the domain is verified."
    assert (await alice.client.patch(one(domain), json=SAML)).json()["has_saml"] is True
    await store(domain, verified_at=clock.now())
    changes = {"jit_provisioning_enabled": True, "sso_enforcement": "github", "domain": "other.example"}
    changed = (await alice.client.put(one(domain), json=changes)).json()
    assert (changed["domain"], changed["sso_enforcement"]) == (domain["domain"], "github")
    assert (changed["jit_provisioning_enabled"], changed["has_saml"]) == (True, True)
    cleared = await alice.client.patch(one(domain), json={"sso_enforcement": None})
    assert cleared.json()["sso_enforcement"] == ""
    wrong = await alice.client.patch(one(domain), json={"sso_enforcement": "okta"})
    assert refusal(wrong) == (400, "invalid_choice", "sso_enforcement")


async def test_only_admins_change_domains_and_only_those_of_their_organization(
    alice, bob, mallory, domain, cast
):
    for method, path in (("POST", DOMAINS), ("PATCH", one(domain)), ("PUT", one(domain)), ("DELETE", one(domain)),
                         ("POST", f"{one(domain)}verify/")):  # fmt: skip
        refused = await bob.client.request(method, path, json={"domain": "x.example"})
        assert (refused.status_code, refused.json()["detail"]) == (
            403, "Your organization access level is insufficient.",
        )  # fmt: skip
        if path != DOMAINS:
            assert (await mallory.client.request(method, path, json={})).status_code == 404
        foreign = path.replace("@current", str(alice.organization_id))
        assert (await mallory.client.request(method, foreign, json={})).status_code == 403
        reader = await cast.make_key(alice, ["organization:read"])
        answer = await reader.request(method, path, json={})
        assert answer.json()["detail"] == "API key missing required scope 'organization:write'"
    for id in ("x", str(uuid4())):
        assert (await alice.client.get(f"{DOMAINS}{id}/")).status_code == 404


async def test_an_organization_has_a_hundred_domains_at_most(alice, monkeypatch, domain):
    monkeypatch.setattr("parley.accounts.domains.actions.MOST_DOMAINS", 1)
    more = await alice.client.post(DOMAINS, json={"domain": f"{new_token(length=9).lower()}.example"})
    assert refusal(more) == (400, "limit_reached", None)


async def test_a_session_changes_domains_only_while_it_is_young(alice, domain, cast, clock):
    client = await cast.sign_in(alice)
    clock.advance(timedelta(hours=3))
    for method, path in (("POST", DOMAINS), ("PATCH", one(domain)), ("POST", f"{one(domain)}verify")):
        answer = await client.request(method, path, json={"domain": "x.example"})
        assert refusal(answer) == (403, "sensitive_action_required_reauth", None)
    assert (await client.get(DOMAINS)).status_code == 200
