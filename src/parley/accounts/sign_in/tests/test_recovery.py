"""Break-glass: an owner gets in by password and recovery code."""

from sqlalchemy import event, insert

from parley.accounts.domains.tables import organization_domain
from parley.accounts.users.actions import change_user
from parley.kernel.ids import new_token, new_uuid
from tests.cast import PASSWORD, Cast, Member
from tests.plain_browser import PlainBrowser

PATH = "/api/login/recovery/"
REFUSED = (400, "Invalid email, password or recovery code.")


async def codes_of(cast: Cast, member: Member) -> list[str]:
    session = await cast.sign_in(member)
    made: list[str] = (await session.post("/api/users/@me/two_factor_backup_codes/")).json()["backup_codes"]
    return made


async def enforced_domain(cast: Cast, member: Member) -> str:
    """Give alice's organization a verified domain, and a member an address of it, which is returned."""
    domain = f"{new_token(length=12).lower()}.example"
    now = cast.services.clock.now()
    values = {"verified_at": now, "created_at": now, "verification_challenge": "x", "sso_enforcement": "saml"}
    saml = {"saml_entity_id": "https://idp", "saml_acs_url": "https://idp/sso", "saml_x509_cert": "x"}
    row = {
        "id": new_uuid(),
        "organization_id": cast.alice.organization_id,
        "domain": domain,
        **values,
        **saml,
    }
    async with cast.services.database.transaction() as db:
        await db.execute(
            insert(organization_domain).values(
                jit_provisioning_enabled=False, saml_allows_idp_initiated=False, scim_enabled=False, **row
            )
        )
        await change_user(db, cast.services, member.user_id, {"email": f"somebody@{domain}"})
    return f"somebody@{domain}"


async def recovered(cast: Cast, email: str, code: str, password: str = PASSWORD) -> tuple[int, str]:
    body = {"email": email, "password": password, "recovery_code": code}
    answer = await cast.client().post(PATH, json=body)
    return answer.status_code, answer.json().get("detail", "")


async def test_an_owner_gets_in_once_with_each_code_and_every_owner_is_told(cast: Cast, sent_mail, queue):
    codes = await codes_of(cast, cast.alice)
    email = await enforced_domain(cast, cast.alice)
    assert await recovered(cast, email, codes[0]) == (200, "")
    assert await recovered(cast, email, codes[0]) == REFUSED
    await queue.drain()
    subjects = [mail["Subject"] for mail in sent_mail if mail["To"] == email]
    assert "An owner signed in to Parley with a recovery code" in subjects
    log = await cast.alice.client.get("/api/organizations/@current/audit_log/?action=sign_in.break_glass")
    assert log.json()["count"] == 1


async def test_everything_wrong_is_answered_the_same(cast: Cast):
    [code, *_] = await codes_of(cast, cast.alice)
    for email, password, given in [
        ("nobody@example.com", PASSWORD, code),
        (cast.alice.email, "wrong", code),
        (cast.alice.email, PASSWORD, "2222-3333-4444-5555"),
        (cast.bob.email, PASSWORD, code),
    ]:
        assert await recovered(cast, email, given, password) == REFUSED
    assert await recovered(cast, cast.alice.email, code) == (200, "")


async def test_owning_another_organization_opens_no_enforced_domain(cast: Cast):
    [code, *_] = await codes_of(cast, cast.mallory)
    assert await recovered(cast, await enforced_domain(cast, cast.mallory), code) == REFUSED


async def test_codes_are_limited_whatever_address_guesses_and_however_often_the_password_is_right(cast: Cast):
    await codes_of(cast, cast.alice)
    for _ in range(10):
        assert await recovered(cast, cast.alice.email, "2222-3333-4444-5555") == REFUSED
    assert (await recovered(cast, cast.alice.email, "2222-3333-4444-5555"))[0] == 429


async def test_the_page_lets_an_owner_in(cast: Cast):
    [code, *_] = await codes_of(cast, cast.alice)
    window = await PlainBrowser(cast.client()).open("/login/recovery")
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD, recovery_code="wrong")
    assert window.page.one(role="alert").text == REFUSED[1]
    await window.press("Sign in", password=PASSWORD, recovery_code=code)
    assert window.path == "/settings/domains?notice=break-glass"
    assert "You came in with a recovery code" in window.page.one(role="status").text


async def test_the_page_takes_over_the_address_that_was_typed(cast: Cast):
    email = await enforced_domain(cast, cast.alice)
    window = await PlainBrowser(cast.client()).open("/login")
    await window.press("Sign in", email=email)
    link = next(one for one in window.page.all("a") if one.text == "a recovery code")
    await window.open(link["href"])
    assert window.page.one("input", name="email")["value"] == email


async def test_nothing_tells_who_has_an_account_or_owns_something(cast: Cast, database):
    """A stranger has no password; for all of these the answer and the work are the same."""
    seen: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    [code, *_] = await codes_of(cast, cast.alice)
    found = []
    for email in (cast.alice.email, cast.bob.email, f"nobody-{new_token(length=8)}@example.com".lower()):
        body = {"email": email, "password": "wrong", "recovery_code": code}
        seen.clear()
        answer = await cast.anonymous.post(PATH, json=body)
        found.append((answer.status_code, answer.content, len(seen)))
    assert found[0] == found[1] == found[2] and found[0][2] > 0
