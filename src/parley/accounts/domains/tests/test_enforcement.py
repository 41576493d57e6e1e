"""A policy of single sign-on holds wherever somebody could come in with a password, for known and unknown people alike."""

from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from parley.accounts.domains.actions import note_proven_provider
from parley.accounts.domains.queries import domain_by_id
from parley.accounts.domains.tests.conftest import DOMAINS, SAML
from parley.accounts.memberships.tables import membership
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.passwords.hashing import NO_PASSWORD
from parley.accounts.two_factor.actions.recovery_codes import replace_recovery_codes
from parley.accounts.users.tables import user_account
from parley.kernel.jobs import Queue
from tests.cast import PASSWORD
from tests.limited import client_at, limited_app
from tests.plain_browser import window_of

LOGIN, PRECHECK, RESET = "/api/login", "/api/login/precheck", "/api/reset"
SSO_ONLY = {
    "type": "validation_error", "code": "sso_enforced", "attr": None,
    "detail": "You can only login with SSO for this account (saml).",
}  # fmt: skip
NO_RESET = SSO_ONLY | {"detail": "Password reset is disabled because SSO login is enforced for this domain."}


@pytest.fixture
async def carol(cast, database, project, name):
    """A member with an address in the domain."""
    async with database.transaction() as db:
        made = await cast.make_member(db, project, level=1, name="carol")
        made.email = f"carol@{name}"
        mine = user_account.c.id == made.user_id
        await db.execute(update(user_account).where(mine).values(email=made.email))
    return made


@pytest.fixture
async def enforced(verified, store):
    return await store(verified, sso_enforcement="saml", **SAML)


@pytest.fixture
def statements(database):
    """Count the statements of the requests inside."""
    seen = []
    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen


async def precheck(client, email):
    answer = await client.post(PRECHECK, json={"email": email})
    assert answer.status_code == 200
    return answer.json()


async def test_the_precheck_tells_of_the_domain_and_of_nothing_else(
    anonymous, carol, domain, store, clock, name
):
    nothing = {"sso_enforcement": None, "saml_available": False, "sso_not_set_up": None}
    await store(domain, sso_enforcement="saml", **SAML)
    assert await precheck(anonymous, carol.email) == nothing  # a claim is none
    await store(domain, verified_at=clock.now())
    for email in (carol.email, f"nobody@{name}", f"X@{name.upper()}"):
        found = await precheck(anonymous, email)
        assert found == nothing | {"sso_enforcement": "saml", "saml_available": True}
    assert await precheck(anonymous, f"x@sub.{name}") == nothing
    assert await precheck(anonymous, f"x@{name}.example") == nothing
    await store(domain, saml_x509_cert="")
    half = nothing | {"sso_not_set_up": "saml"}  # half a provider lets nobody in
    assert await precheck(anonymous, carol.email) == half
    await store(domain, sso_enforcement="google-oauth2")
    none = nothing | {"sso_not_set_up": "google-oauth2"}  # this server has none
    assert await precheck(anonymous, carol.email) == none


async def test_the_precheck_waits_for_nobody_who_writes(anonymous, database):
    async with database.transaction():  # the only writer that SQLite allows
        found = await precheck(anonymous, "ada@example.com")
    assert found["saml_available"] is False


async def test_a_policy_whose_provider_is_not_set_up_is_said_to_have_no_effect(cast, alice, carol, verified):
    one = f"{DOMAINS}{verified['id']}/"
    changed = (await alice.client.patch(one, json={"sso_enforcement": "gitlab"})).json()
    assert changed["sso_enforcement"] == "gitlab"
    assert changed["sso_problem"].startswith(
        "GitLab is not set up on this server, so this policy has no effect"
    )
    window = await (await window_of(cast, alice)).open(f"/settings/domains/{verified['id']}")
    assert "GitLab is not set up on this server" in window.page.text
    await window.open("/settings/domains")
    assert "policy without effect" in window.page.text
    answer = await cast.client().post(LOGIN, json={"email": carol.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert (await alice.client.patch(one, json={"sso_enforcement": ""})).json()["sso_problem"] is None


@pytest.mark.parametrize(
    ("value", "code"), [("x", "invalid_input"), ("", "blank"), (None, "null"), ("a@b@c", "invalid_input")]
)
async def test_the_precheck_takes_addresses_only(anonymous, value, code):
    answer = await anonymous.post(PRECHECK, json={"email": value})
    assert (answer.status_code, answer.json()["code"], answer.json()["attr"]) == (400, code, "email")


async def test_the_precheck_is_limited_for_each_address(settings):
    wanted = {"email": "a@b.example"}
    async with (
        limited_app(settings) as app,
        client_at(app, "203.0.113.7") as one,
        client_at(app, "203.0.114.7") as other,
    ):
        got = [(await one.post(PRECHECK, json=wanted)).status_code for _ in range(31)]
        assert got == [200] * 30 + [429]
        assert (await other.post(PRECHECK, json=wanted)).status_code == 200


async def test_a_provider_of_the_server_counts_where_it_is_set_up(settings, verified, store, name):
    await store(verified, sso_enforcement="gitlab")
    async with (
        limited_app(settings, "off", gitlab_client_id="parley", gitlab_client_secret="x") as app,
        client_at(app, "203.0.113.7") as client,
    ):
        found = await precheck(client, f"x@{name}")
        assert found == {"sso_enforcement": "gitlab", "saml_available": False, "sso_not_set_up": None}


async def test_nobody_signs_in_with_a_password(anonymous, carol, enforced, name):
    for email, password in ((carol.email, PASSWORD), (carol.email, "wrong"), (f"nobody@{name}", "wrong")):
        answer = await anonymous.post(LOGIN, json={"email": email, "password": password})
        assert (answer.status_code, answer.json()) == (400, SSO_ONLY)
    page = await anonymous.get("/login")
    csrf = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"email": carol.email, "password": PASSWORD, "csrf_token": csrf}
    shown = await anonymous.post("/login", data=form)
    assert shown.status_code == 422 and "parley_session" not in shown.cookies


async def test_nobody_gets_or_uses_a_link_for_a_new_password(
    anonymous, carol, domain, store, database, services, queue, sent_mail, name, clock
):
    async with database.transaction() as db:
        token = await start_reset(db, services.clock, carol.user_id)
    await anonymous.post(RESET, json={"email": carol.email})  # waits when the policy begins
    await store(domain, sso_enforcement="saml", verified_at=clock.now(), **SAML)
    for email in (carol.email, f"nobody@{name}"):
        answer = await anonymous.post(RESET, json={"email": email})
        assert (answer.status_code, answer.json()) == (400, NO_RESET)
    await queue.drain()
    assert [mail for mail in sent_mail if mail["To"] == carol.email] == []
    used = await anonymous.post(
        f"{RESET}/{carol.user_uuid}", json={"token": token, "password": "quite a new passphrase"}
    )
    assert (used.status_code, used.json()) == (400, NO_RESET)


async def test_nobody_joins_with_a_password(alice, anonymous, carol, enforced, name, cast, mallory):
    signed_in = await cast.sign_in(mallory)
    for email in (carol.email, f"nobody@{name}"):
        made = await signed_in.post("/api/organizations/@current/invites/", json={"target_email": email})
        token = made.json()["invite_link"].rpartition("/")[2]
        for given in ({"password": PASSWORD}, {"password": "quite a new passphrase", "first_name": "X"}):
            answer = await anonymous.post(f"/api/signup/{token}", json=given)
            assert (answer.status_code, answer.json()) == (400, SSO_ONLY)


async def test_who_is_signed_in_joins_without_a_password(alice, carol, enforced, cast, mallory):
    admin, client, stranger = [await cast.sign_in(one) for one in (mallory, carol, alice)]
    made = await admin.post("/api/organizations/@current/invites/", json={"target_email": carol.email})
    accept = f"/api/signup/{made.json()['invite_link'].rpartition('/')[2]}/accept"
    assert (await stranger.post(accept)).status_code == 403
    assert (await carol.client.post(accept)).status_code == 403  # a key
    assert (await client.post(accept)).json() == {"success": True}
    assert (await client.post(accept)).status_code == 404
    mine = (await client.get("/api/organizations/")).json()["results"]
    assert str(mallory.organization_id) in [one["id"] for one in mine]


async def test_a_password_that_others_know_is_changed_under_a_policy_too(carol, enforced, cast):
    """Owners come in with it by a recovery code."""
    client = await cast.sign_in(carol)
    given = {"password": "quite a new passphrase", "current_password": "wrong"}
    refused = await client.patch("/api/users/@me/", json=given)
    assert (refused.status_code, refused.json()["attr"]) == (400, "current_password")
    answer = await client.patch("/api/users/@me/", json=given | {"current_password": PASSWORD})
    assert answer.status_code == 200


async def test_known_and_unknown_people_cost_the_same_statements(anonymous, carol, name, statements):
    """Before and under a policy no unauthenticated answer tells whether somebody has the address."""
    requests = [
        (PRECHECK, {}),
        (LOGIN, {"password": "wrong"}),
        (RESET, {}),
    ]
    for path, more in requests:
        seen = []
        for email in (carol.email, f"nobody@{name}"):
            statements.clear()
            answer = await anonymous.post(path, json={"email": email} | more)
            seen.append((answer.status_code, answer.content, len(statements)))
        assert seen[0] == seen[1]


async def test_whoever_enforces_a_provider_must_be_able_to_come_in_by_it(cast, carol, verified, database):
    """Else nobody might be left who can end the policy."""
    async with database.transaction() as db:
        mine = membership.c.user_id == carol.user_id
        await db.execute(update(membership).where(mine).values(level=15))
    one = f"{DOMAINS}{verified['id']}/"
    await carol.client.patch(one, json=SAML)
    refused = await carol.client.patch(one, json={"sso_enforcement": "saml"})
    assert (refused.status_code, refused.json()["code"]) == (400, "would_block_self")
    window = await window_of(cast, carol)
    await window.open(f"/settings/domains/{verified['id']}")
    await window.press("Save", sso_enforcement="saml")
    link = next(one for one in window.page.all("a") if one.text == "Sign in with SAML now")
    assert link["href"].startswith(
        f"/login/saml/?email=carol%40{verified['domain']}&next=%2Fsettings%2Fdomains%2F"
    )
    async with database.transaction() as db:
        found = await domain_by_id(db, UUID(verified["id"]))
        assert found is not None
        await note_proven_provider(db, found, "saml")
    assert (await carol.client.patch(one, json={"sso_enforcement": "saml"})).status_code == 200
    added = await carol.client.patch(one, json={"saml_x509_cert": f"{SAML['saml_x509_cert']}\nanother"})
    assert added.status_code == 200
    for change in ({"saml_acs_url": "https://other/sso"}, {"saml_x509_cert": "another"}):
        blocked = await carol.client.patch(one, json=change)
        assert (blocked.status_code, blocked.json()["code"]) == (400, "would_block_self")
    assert (await carol.client.delete(one)).json()["code"] == "would_block_self"
    assert (await carol.client.patch(one, json={"sso_enforcement": ""})).status_code == 200
    assert (await carol.client.delete(one)).status_code == 204


async def test_no_provider_is_enforced_while_no_owner_could_get_in_without_it(
    alice, cast, verified, database, services, name
):
    """An owner with another address needs a password, one of the domain recovery codes, too."""
    one = f"{DOMAINS}{verified['id']}/"
    await alice.client.patch(one, json=SAML)
    async with database.transaction() as db:
        found = await domain_by_id(db, UUID(verified["id"]))
        assert found is not None
        await note_proven_provider(db, found, "saml")

    async def enforcing(**account):
        async with database.transaction() as db:
            mine = user_account.c.id == alice.user_id
            await db.execute(update(user_account).where(mine).values(**account))
        answer = await alice.client.patch(one, json={"sso_enforcement": "saml"})
        if answer.status_code == 200:
            await alice.client.patch(one, json={"sso_enforcement": ""})
            return "enforced"
        return (answer.status_code, answer.json()["code"], answer.json()["attr"])

    async with database.transaction(write=False) as db:
        mine = select(user_account.c.password_hash).where(user_account.c.id == alice.user_id)
        password_hash = (await db.execute(mine)).scalar_one()
    blocked = (400, "would_block_self", "sso_enforcement")
    assert await enforcing(password_hash=NO_PASSWORD) == blocked
    assert await enforcing(password_hash=password_hash) == "enforced"
    assert await enforcing(email=f"alice@{name}") == blocked
    window = await (await window_of(cast, alice)).open(f"/settings/domains/{verified['id']}")
    await window.press("Save", sso_enforcement="saml")
    assert "If SAML fails, no owner could get in." in window.page.one(role="alert").text
    assert not any(link.text == "Sign in with SAML now" for link in window.page.all("a"))
    async with database.transaction() as db:
        await replace_recovery_codes(db, services, alice.user_id)
    assert await enforcing(is_active=True) == "enforced"
    assert await enforcing(password_hash=NO_PASSWORD) == blocked


async def test_the_account_says_what_a_password_is_for_under_a_policy(cast, carol, enforced):
    window = await (await window_of(cast, carol)).open("/settings/account")
    assert "chosen single sign-on as the only way in" in window.page.text
    assert "of use to owners only" in window.page.text


async def test_whose_address_is_elsewhere_may_enforce_what_they_like(alice, verified):
    one = f"{DOMAINS}{verified['id']}/"
    assert (await alice.client.patch(one, json=SAML | {"sso_enforcement": "saml"})).status_code == 200
    assert (await alice.client.delete(one)).status_code == 204


async def test_a_withdrawn_proof_ends_the_policy(anonymous, carol, enforced, store):
    await store(enforced, verified_at=None)
    answer = await anonymous.post(LOGIN, json={"email": carol.email, "password": PASSWORD})
    assert answer.status_code == 200


async def test_admins_hear_when_somebody_changes_how_people_sign_in(
    alice, carol, verified, database, services, sent_mail
):
    """Whoever runs the identity provider can sign in as an owner of the domain."""
    async with database.transaction() as db:
        await db.execute(update(membership).where(membership.c.user_id == carol.user_id).values(level=8))
    one = f"{DOMAINS}{verified['id']}/"
    assert (await carol.client.patch(one, json=SAML)).status_code == 200
    assert (await carol.client.patch(one, json={"jit_provisioning_enabled": True})).status_code == 200
    assert (await carol.client.patch(one, json=SAML)).status_code == 200  # which changes nothing
    await Queue(services).drain()
    await Queue(services).drain()
    subject = f"How people of {verified['domain']} sign in has changed"
    told = [one for one in sent_mail if one["Subject"] == subject]
    assert [one["To"] for one in told] == [alice.email]
    assert carol.email in told[0].get_content() and "/settings/audit-log" in told[0].get_content()
