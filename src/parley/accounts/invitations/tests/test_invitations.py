"""Inviting people, and what they do with the invitation."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from parley.accounts.invitations import actions
from parley.accounts.invitations.actions import PER_TARGET
from parley.accounts.invitations.queries import inviting_organizations
from parley.accounts.users.tables import user_account
from parley.kernel.throttle import Limit
from tests.cast import PASSWORD
from tests.plain_browser import PlainBrowser

INVITES, SIGNUP = "/api/organizations/@current/invites/", "/api/signup/"


@pytest.fixture
def invite(cast):
    """Invite in a session: keys don't see the link."""

    async def invited(by, email="new@example.com", **fields):
        client = await cast.sign_in(by)
        return await client.post(INVITES, json={"target_email": email, **fields})

    return invited


def mailed_token(sent_mail, email):
    """Return the token that is in the mail alone."""
    [mail] = [mail for mail in sent_mail if mail["To"] == email]
    found = re.search(r"http://parley\.test/signup/(\S+)", mail.get_body(("plain",)).get_content())
    assert found is not None
    return found.group(1)


def token_of(answer):
    return re.sub(r"^http://parley\.test/signup/", "", answer.json()["invite_link"])


@pytest.fixture
def email():
    return f"new-{uuid4().hex[:12]}@example.com"


async def test_an_invitation_goes_out_by_mail(invite, alice, email, queue, sent_mail):
    answer = await invite(alice, f" {email.upper()} ", level=8)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["target_email"], made["level"], made["is_expired"]) == (email, 8, False)
    assert made["created_by"]["email"] == alice.email
    await queue.drain()
    [mail] = [mail for mail in sent_mail if mail["To"] == email]
    text = mail.get_body(("plain",)).get_content()
    assert "http://parley.test/signup/" in text and made["invite_link"] not in text
    listed = (await alice.client.get(INVITES)).json()["results"][0]
    assert listed == {**made, "invite_link": None}


async def test_the_link_makes_an_account_a_membership_and_a_session(invite, cast, alice, email, project):
    token = token_of(await invite(alice, email, level=8))
    client = cast.client()
    offer = (await client.get(f"{SIGNUP}{token}/")).json()
    assert (offer["target_email"], offer["has_account"]) == (email, None)
    answer = await client.post(f"{SIGNUP}{token}/", json={"first_name": " Nora ", "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (201, {"success": True})
    me = (await client.get("/api/users/@me/")).json()
    assert (me["email"], me["first_name"], me["is_email_verified"]) == (email, "Nora", False)
    assert (me["organization"]["membership_level"], me["team"]["id"]) == (8, project.id)
    for request in (
        client.get(f"{SIGNUP}{token}/"),
        client.post(f"{SIGNUP}{token}/", json={"password": "x"}),
    ):
        assert (await request).status_code == 404
    assert (await alice.client.get(INVITES)).json()["count"] == 0


async def test_somebody_with_an_account_joins_with_its_password(invite, cast, alice, mallory, project):
    token = token_of(await invite(alice, mallory.email))
    client = cast.client()
    wrong = await client.post(f"{SIGNUP}{token}/", json={"first_name": "Eve", "password": "guessed it!"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_credentials")
    assert (await mallory.client.get(f"/api/projects/{project.id}/")).status_code == 403
    assert (await client.post(f"{SIGNUP}{token}/", json={"password": PASSWORD})).status_code == 201
    me = (await client.get("/api/users/@me/")).json()
    assert (me["id"], me["first_name"], len(me["organizations"])) == (mallory.user_id, "Mallory", 2)
    assert me["team"]["id"] == project.id
    assert (await client.get(f"/api/projects/{project.id}/")).status_code == 200


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"first_name": "N"}, "password"),
        ({"password": PASSWORD}, "first_name"),
        ({"first_name": " ", "password": PASSWORD}, "first_name"),
        ({"first_name": "x" * 151, "password": PASSWORD}, "first_name"),
        ({"first_name": "N", "password": "short"}, "password"),
        ({"first_name": "N", "password": "12345678"}, "password"),
        ({"first_name": "N", "password": "x" * 129}, "password"),
    ],
)
async def test_a_bad_signup_is_refused_and_the_link_stays_good(invite, alice, email, anonymous, body, attr):
    token = token_of(await invite(alice, email))
    answer = await anonymous.post(f"{SIGNUP}{token}/", json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert (await anonymous.get(f"{SIGNUP}{token}/")).status_code == 200


async def test_a_link_ends_after_a_week_when_taken_back_or_replaced(invite, alice, email, anonymous, clock):
    first = await invite(alice, email)
    second = await invite(alice, email)
    assert (await anonymous.get(f"{SIGNUP}{token_of(first)}/")).status_code == 404
    assert (await alice.client.get(INVITES)).json()["count"] == 1
    await alice.client.delete(f"{INVITES}{second.json()['id']}/")
    assert (await anonymous.get(f"{SIGNUP}{token_of(second)}/")).status_code == 404
    third = await invite(alice, email)
    clock.advance(-timedelta(days=1))  # it would hold for eight days
    assert (await anonymous.get(f"{SIGNUP}{token_of(third)}/")).status_code == 404
    clock.advance(timedelta(days=8, minutes=1))
    assert (await anonymous.get(f"{SIGNUP}{token_of(third)}/")).status_code == 404
    assert (await alice.client.get(INVITES)).json()["results"][0]["is_expired"] is True


async def test_a_page_says_that_a_link_is_over(invite, alice, email, cast, anonymous):
    token = token_of(await invite(alice, email))
    window = await PlainBrowser(cast.client()).open(f"/signup/{token}")
    await window.press("Join", first_name="N", password=PASSWORD)
    assert window.path == "/inbox"
    for answer in (
        await anonymous.get(f"/signup/{token}"),
        await anonymous.get("/signup/x"),
    ):
        assert answer.status_code == 404
        assert "This invitation is over" in answer.text and "ask an admin" in answer.text


async def test_who_leaves_out_what_the_shown_link_calls_optional_is_told_what_is_missing(
    invite, alice, email, cast
):
    window = await PlainBrowser(cast.client()).open(f"/signup/{token_of(await invite(alice, email))}")
    await window.press("Join", first_name="", password=PASSWORD)
    assert window.status == 422
    assert "Give a name for a new account, or the password of the one that you have." in window.page.text


@pytest.mark.parametrize("token", ["x", "%00", "' OR 1=1", "a" * 3000])
async def test_an_unknown_link_is_404(anonymous, token):
    assert (await anonymous.get(f"{SIGNUP}{token}/")).status_code == 404
    body = {"first_name": "x", "password": PASSWORD}
    assert (await anonymous.post(f"{SIGNUP}{token}/", json=body)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "attr", "code"),
    [
        ({"target_email": None}, "target_email", "null"),
        ({"target_email": ""}, "target_email", "blank"),
        ({"target_email": "nobody"}, "target_email", "invalid_input"),
        ({"target_email": "a@b@c.de"}, "target_email", "invalid_input"),
        ({"target_email": "a@example.com\nBcc: x@example.com"}, "target_email", "invalid_input"),
        ({"target_email": "x" * 250 + "@example.com"}, "target_email", "max_length"),
        ({"level": 3}, "level", "invalid_choice"),
        ({"level": "x"}, "level", "invalid_input"),
    ],
)
async def test_a_bad_invitation_is_refused(alice, queue, sent_mail, fields, attr, code):
    answer = await alice.client.post(INVITES, json={"target_email": "new@example.com", **fields})
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    await queue.drain()
    assert [mail for mail in sent_mail if mail["To"] == "new@example.com"] == []


async def test_members_are_not_invited_again(invite, alice, bob):
    answer = await invite(alice, bob.email)
    assert (answer.status_code, answer.json()["code"], answer.json()["attr"]) == (
        400,
        "unique",
        "target_email",
    )


async def test_only_admins_invite_and_up_to_their_own_level(invite, cast, bob, project, email):
    assert (await invite(bob, email)).status_code == 403
    async with cast.services.database.transaction() as db:
        admin = await cast.make_member(db, project, level=8, name="adam")
    assert (await invite(admin, email, level=15)).status_code == 403
    assert (await invite(admin, email, level=8)).status_code == 201
    assert (await bob.client.get(INVITES)).status_code == 200


async def test_an_invitation_of_others_cannot_be_taken_back(invite, alice, mallory, email):
    made = (await invite(alice, email)).json()
    assert (await mallory.client.delete(f"{INVITES}{made['id']}/")).status_code == 404
    other = f"/api/organizations/{alice.organization_id}/invites/"
    assert (await mallory.client.get(other)).status_code == 403
    assert (await mallory.client.delete(f"{other}{made['id']}/")).status_code == 403
    assert (await alice.client.get(INVITES)).json()["count"] == 1


async def test_a_mail_is_not_sent_for_an_invitation_taken_back(invite, alice, email, queue, sent_mail):
    made = (await invite(alice, email)).json()
    await alice.client.delete(f"{INVITES}{made['id']}/")
    await queue.drain()
    assert [mail for mail in sent_mail if mail["To"] == email] == []


async def test_the_mailed_link_proves_the_address(cast, alice, invite, email, queue, sent_mail):
    await invite(alice, email)
    await queue.drain()
    token = mailed_token(sent_mail, email)
    client = cast.client()
    assert (await client.get(f"{SIGNUP}{token}/")).json()["has_account"] is False
    body = {"first_name": "Nora", "password": PASSWORD}
    assert (await client.post(f"{SIGNUP}{token}/", json=body)).status_code == 201
    assert (await client.get("/api/users/@me/")).json()["is_email_verified"] is True


async def test_whoever_joins_with_an_account_by_the_mailed_link_proves_its_address(
    cast, alice, mallory, invite, queue, sent_mail
):
    await invite(alice, mallory.email)
    await queue.drain()
    token = mailed_token(sent_mail, mallory.email)
    client = cast.client()
    assert (await client.get(f"{SIGNUP}{token}/")).json()["has_account"] is True
    assert (await client.post(f"{SIGNUP}{token}/", json={"password": PASSWORD})).status_code == 201
    assert (await client.get("/api/users/@me/")).json()["is_email_verified"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"password": ""},
        {"password": "guessed it!"},
        {"first_name": " ", "password": "guessed it!"},
        {"first_name": "x" * 151, "password": "guessed it!"},
        {"first_name": "Eve", "password": "short"},
        {"first_name": "Eve", "password": "password1"},
    ],
)
async def test_the_shown_link_does_not_tell_who_has_an_account(
    alice, mallory, invite, email, anonymous, body
):
    known, unknown = token_of(await invite(alice, mallory.email)), token_of(await invite(alice, email))
    offers = [(await anonymous.get(f"{SIGNUP}{token}/")).json() for token in (known, unknown)]
    assert [offer.pop("target_email") for offer in offers] == [mallory.email, email]
    assert offers[0] == offers[1]
    answers = [await anonymous.post(f"{SIGNUP}{token}/", json=body) for token in (known, unknown)]
    assert answers[0].status_code == 400
    assert [answer.json() for answer in answers] == [answers[0].json()] * 2
    pages = [(await anonymous.get(f"/signup/{token}")).text for token in (known, unknown)]
    plain = [
        page.replace(token, "").replace(address, "")
        for page, token, address in zip(pages, (known, unknown), (mallory.email, email), strict=True)
    ]
    assert re.sub(r'value="[^"]*"', "", plain[0]) == re.sub(r'value="[^"]*"', "", plain[1])


async def test_a_key_invites_by_mail_and_sees_no_link(cast, alice, email, queue, sent_mail):
    for scopes in (["organization_member:write"], ["*"]):
        client = await cast.make_key(alice, scopes)
        made = await client.post(INVITES, json={"target_email": email})
        assert (made.status_code, made.json()["invite_link"]) == (201, None)
        assert "/signup/" not in (await client.get(INVITES)).text
    await queue.drain()
    assert len([mail for mail in sent_mail if mail["To"] == email]) == 1  # the second ended the first


@pytest.mark.parametrize("level", [8, 15])
async def test_a_narrow_key_of_an_owner_makes_no_admins(cast, alice, bob, email, level):
    client = await cast.make_key(alice, ["organization_member:write", "organization:write"])
    refused = await client.post(INVITES, json={"target_email": email, "level": level})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    member = f"/api/organizations/@current/members/{bob.user_uuid}/"
    assert (await client.patch(member, json={"level": level})).status_code == 403
    assert (await client.get(member)).json()["level"] == 1
    everything = await cast.make_key(alice, ["*"])
    assert (await everything.patch(member, json={"level": level})).status_code == 200


async def test_an_organization_has_at_most_a_hundred_open_invitations(
    cast, alice, mallory, services, invite, clock
):
    from parley.accounts.invitations.actions import MOST_OPEN, create_invite
    from parley.accounts.invitations.schemas import NewInvite

    async with services.database.transaction() as db:
        for n in range(MOST_OPEN):
            await create_invite(
                db,
                services,
                NewInvite(f"{n}@example.com", 1),
                organization_id=alice.organization_id,
                created_by=alice.user_id,
            )
    refused = await invite(alice, "one.more@example.com")
    assert (refused.status_code, refused.json()["code"]) == (400, "limit_reached")
    assert (await invite(alice, "7@example.com")).status_code == 201
    assert (await invite(mallory, "one.more@example.com")).status_code == 201
    clock.advance(timedelta(days=7, minutes=1))
    assert (await invite(alice, "one.more@example.com")).status_code == 201


FORGED = [
    "Ada\n\nhttps://evil.test/signup/x\n\n", "Ada\r\rhttps://evil.test\r", "Ada\u2028https://evil.test\u2028",
    "Ada\u0085https://evil.test\u0085", "Ada\u2029\u202ehttps://evil.test", "\u200bAda\x0bhttps://evil.test\x0c",
]  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
async def test_a_name_forges_no_line_of_the_mail(alice, invite, email, queue, sent_mail, services, name):
    from parley.accounts.organizations.actions import change_organization
    from parley.accounts.organizations.schemas import OrganizationPatch
    from parley.accounts.users.actions import change_user

    async with services.database.transaction() as db:
        await change_user(db, services, alice.user_id, {"first_name": name})
        await change_organization(db, services, alice.organization_id, OrganizationPatch(name=name))
    await invite(alice, email)
    await queue.drain()
    [mail] = [mail for mail in sent_mail if mail["To"] == email]
    text = mail.get_body(("plain",)).get_content()
    sentence, _, link, *_ = text.splitlines()
    assert "invites you" in sentence and link.startswith("http://parley.test/signup/")
    html = mail.get_body(("html",)).get_content()
    for part in (text, html, mail["Subject"]):
        assert "https://evil" not in part and not set(part) & set("\u2028\u2029\u0085\u202e\u200b\x0b\x0c")


async def test_one_address_is_mailed_few_times_a_day_by_an_organization(alice, mallory, invite, email):
    found = [(await invite(alice, email)).status_code for _ in range(PER_TARGET.most + 1)]
    assert found == [201] * PER_TARGET.most + [429]
    assert (await invite(alice, f"other-{email}")).status_code == 201
    assert (await invite(mallory, email)).status_code == 201  # nobody can use up the invitations of others


@pytest.mark.parametrize("name", ["PER_USER", "PER_ORGANIZATION"])
async def test_who_takes_invitations_back_cannot_send_on_for_ever(alice, invite, email, monkeypatch, name):
    limit = getattr(actions, name)
    monkeypatch.setattr(actions, name, Limit(f"{limit.name}-test", 3, limit.window_s))
    for n in range(3):
        made = (await invite(alice, f"{n}-{email}")).json()
        assert (await alice.client.delete(f"{INVITES}{made['id']}/")).status_code == 204
    refused = await invite(alice, f"4-{email}")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert int(refused.headers["retry-after"]) > 0


async def test_nobody_accepts_an_invitation_whose_maker_may_not_invite_any_more(
    invite, cast, alice, project, email, services
):
    async with services.database.transaction() as db:
        carol = await cast.make_member(db, project, level=8, name="carol")
    token = token_of(await invite(carol, email, level=8))
    guest, member = cast.client(), f"/api/organizations/@current/members/{carol.user_uuid}/"

    async def is_open():
        async with services.database.transaction(write=False) as db:
            is_let_in = bool(await inviting_organizations(db, email, services.clock.now()))
        [listed] = (await alice.client.get(INVITES)).json()["results"]
        assert listed["is_expired"] is not is_let_in
        assert ((await guest.get(f"{SIGNUP}{token}/")).status_code == 200) is is_let_in
        return is_let_in

    assert await is_open()
    for level, may_invite in ((1, False), (8, True)):
        assert (await alice.client.patch(member, json={"level": level})).status_code == 200
        assert await is_open() is may_invite
    async with services.database.transaction() as db:
        mine = update(user_account).where(user_account.c.id == carol.user_id)
        await db.execute(mine.values(is_active=False))
    assert not await is_open()
    assert (await alice.client.delete(member)).status_code == 204
    assert not await is_open()
    joining = {"first_name": "Nora", "password": PASSWORD}
    refused = await guest.post(f"{SIGNUP}{token}/", json=joining)
    assert (refused.status_code, refused.json()["detail"]) == (404, "This invitation is no longer valid.")
    assert "may not invite any more" in (await guest.get(f"/signup/{token}")).text
    page = await (await cast.sign_in(alice)).get("/settings/members")
    assert "no longer valid" in page.text and "may not invite any more, so nobody can accept" in page.text


async def test_an_invitation_to_a_level_above_its_maker_is_not_accepted(
    invite, cast, alice, project, email, services
):
    async with services.database.transaction() as db:
        dora = await cast.make_member(db, project, level=15, name="dora")
    token = token_of(await invite(dora, email, level=15))
    member = f"/api/organizations/@current/members/{dora.user_uuid}/"
    assert (await alice.client.patch(member, json={"level": 8})).status_code == 200
    assert (await cast.client().get(f"{SIGNUP}{token}/")).status_code == 404
