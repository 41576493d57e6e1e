"""Signing in on pages: the way in and out, forms from elsewhere, and places it must not lead to."""

import pytest

from parley.accounts.sign_in.failures import failure_path
from tests.cast import PASSWORD, Cast, Member
from tests.plain_browser import PlainBrowser, window_of


async def signed_in(cast: Cast, member: Member, start: str = "/") -> PlainBrowser:
    """Sign the member in by the form, from the page that was asked for."""
    window = await PlainBrowser(cast.client()).open(start)
    return await window.press("Sign in", email=member.email, password=PASSWORD)


async def test_somebody_signs_in_and_out(cast: Cast):
    window = await signed_in(cast, cast.alice)
    assert (window.status, window.path) == (200, "/inbox")
    await window.press("Sign out")
    assert window.path.startswith("/login")
    assert "signed out" in window.page.one(role="status").text
    await window.open("/inbox")
    assert window.path.startswith("/login")


async def test_who_was_in_a_conversation_is_told_that_nothing_is_lost(cast: Cast):
    window = PlainBrowser(cast.client())
    told = (await window.open("/inbox/7")).page.one(role="status").text
    assert window.path == "/login?next=/inbox/7" and "what you typed in a conversation is kept" in told
    assert not (await window.open("/settings")).page.all(role="status")


async def test_after_signing_in_one_is_where_one_wanted_to_go(cast: Cast):
    window = await signed_in(cast, cast.alice, "/inbox?status=all&who=mine")
    assert window.path == "/inbox?status=all&who=mine"


@pytest.mark.parametrize(
    "place", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_to_another_site(cast: Cast, place):
    window = PlainBrowser(cast.client())
    await window.open("/login")
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD, next=place)
    assert (window.answer.url.host, window.path) == ("parley.test", "/inbox")
    await window.client.get("/login", params={"next": place})
    await window.open("/login")
    assert window.path == "/inbox"


async def test_a_wrong_password_says_so_and_keeps_the_address(cast: Cast):
    window = await PlainBrowser(cast.client()).open("/login")
    await window.press("Sign in", email=cast.alice.email, password="wrong")
    assert window.status == 422
    assert window.page.one(role="alert").text == "Invalid email or password."
    assert window.page.one("input", name="email")["value"] == cast.alice.email
    assert window.page.one("input", name="password")["value"] == ""


async def test_guessing_is_slowed_down_on_the_page_as_in_the_api(cast: Cast):
    window = await PlainBrowser(cast.client()).open("/login")
    for _ in range(10):
        await window.press("Sign in", email=cast.alice.email, password="wrong")
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD)
    assert window.status == 429
    assert "Please wait" in window.page.one(role="alert").text
    assert int(window.answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("token", ["", "0" * 64, None])
async def test_a_form_from_elsewhere_is_refused(cast: Cast, token):
    window = await PlainBrowser(cast.client()).open("/login")
    fields = {"email": cast.alice.email, "password": PASSWORD, "csrf_token": token}
    answer = await window.client.post("/login", data={k: v for k, v in fields.items() if v is not None})
    assert answer.status_code == 403
    assert "parley_session" not in window.client.cookies


async def test_the_token_of_one_session_opens_no_form_of_another(cast: Cast):
    alices, bobs = await window_of(cast, cast.alice), await window_of(cast, cast.bob)
    await alices.open("/inbox")
    token = alices.page.all("input", name="csrf_token")[0]["value"]
    answer = await bobs.client.post("/logout", data={"csrf_token": token})
    assert answer.status_code == 403
    assert (await bobs.open("/inbox")).path == "/inbox"


async def test_a_script_whose_session_is_over_loads_the_whole_page_again(anonymous):
    answer = await anonymous.get("/inbox/rows", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-refresh"] == "true"


async def test_a_key_opens_no_page(cast: Cast):
    answer = await cast.alice.client.get("/inbox")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/inbox")


async def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(cast: Cast, queue, sent_mail):
    window = await PlainBrowser(cast.client()).open("/login")
    await window.follow("Forgot")
    await window.press("Send the link", email=cast.bob.email)
    assert cast.bob.email in window.page.one(role="status").text
    await queue.drain()
    link = next(
        word for word in sent_mail[-1].get_body(("plain",)).get_content().split() if "/reset/" in word
    )
    await window.open(link.removeprefix("http://parley.test"))
    await window.press("Change my password", password="12345678")
    assert window.status == 422
    await window.press("Change my password", password="seven purple teapots")
    await window.press("Sign in", email=cast.bob.email, password="seven purple teapots")
    assert window.path == "/inbox"
    await window.open(link.removeprefix("http://parley.test"))
    await window.press("Change my password", password="seven purple teapots")
    assert "Send me a new one" in window.page.texts("a")


async def test_nobody_learns_from_the_page_who_has_an_account(cast: Cast):
    window = await PlainBrowser(cast.client()).open("/forgotten")
    await window.press("Send the link", email="nobody@example.com")
    assert window.status == 200
    assert "If nobody@example.com has an account" in window.page.one(role="status").text


async def test_without_a_mail_server_no_mail_is_promised(cast: Cast):
    window = await PlainBrowser(cast.client()).open("/forgotten")
    await window.press("Send the link", email=cast.bob.email)
    assert "on its way" not in window.page.text and "no mail server" in window.page.one("main").text


@pytest.mark.parametrize("address", ["", " ", "bob", "bob@", "b ob@example.com", "x" * 255 + "@example.com"])
async def test_an_address_that_is_none_is_not_promised_a_mail(cast: Cast, address):
    window = await PlainBrowser(cast.client()).open("/forgotten")
    await window.press("Send the link", email=address)
    assert window.status == 422
    [field] = window.page.all("input", name="email")
    assert (field["value"], field["aria-invalid"]) == (address.strip(), "true")


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.test"},
    {"Origin": "null"}, {"Origin": "http://parley.test.evil.test"}, {"Origin": "http://[evil"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://parley.test"},
]  # fmt: skip


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_no_page_of_another_site_signs_anybody_in(cast: Cast, headers):
    window = await PlainBrowser(cast.client()).open("/login")
    window.client.headers.update(headers)
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD)
    assert window.status == 403
    assert "parley_session" not in window.client.cookies
    body = {"email": cast.alice.email, "password": PASSWORD}
    assert (await cast.client(**headers).post("/api/login", json=body)).status_code == 403


@pytest.mark.parametrize("path", ["/forgotten", "/settings/account", "/logout"])
async def test_no_page_of_another_site_sends_any_form(cast: Cast, path):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/account")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    fields = {"csrf_token": token, "email": "x@example.com", "first_name": "Eve"}
    answer = await window.client.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "http://parley.test"}, {"Sec-Fetch-Site": "none"},
     {"Origin": "http://parley.test"}, {"Origin": "https://parley.test"}],
)  # fmt: skip
async def test_ones_own_pages_sign_in(cast: Cast, headers):
    window = await PlainBrowser(cast.client()).open("/login")
    window.client.headers.update(headers)
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD)
    assert (window.status, window.path) == (200, "/inbox")


@pytest.mark.parametrize(
    ("place", "leads_to"),
    [
        ("/\u2603", "/%E2%98%83"),
        ("/inbox?search=\u2603 \u00fc", "/inbox?search=%E2%98%83%20%C3%BC"),
        ("/inbox?search=50%25#a", "/inbox?search=50%25#a"),
        ("/\uff0fevil.test", "/%EF%BC%8Fevil.test"),
        ('/"<script>', "/%22%3Cscript%3E"),
        ("/a\u2028b", "/inbox"),
        ("/\u202eevil", "/inbox"),
        ("/" + "x" * 5000, "/inbox"),
        ("/\t/evil.test", "/inbox"),
        ("/\r\nSet-Cookie: a=b", "/inbox"),
    ],
)
async def test_any_place_to_go_to_is_written_so_that_a_header_can_hold_it(cast: Cast, place, leads_to):
    window = await PlainBrowser(cast.client()).open("/login")
    token = window.page.one("input", name="csrf_token")["value"]
    fields = {"email": cast.alice.email, "password": PASSWORD, "next": place, "csrf_token": token}
    answer = await window.client.post("/login", json=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    if place.isprintable():
        again = await window.client.get("/login", params={"next": place})
        assert (again.status_code, again.headers["location"]) == (303, leads_to)


async def test_a_link_to_the_sign_in_page_cant_put_words_into_its_mouth(cast: Cast, services):
    window = PlainBrowser(cast.client())
    await window.open("/login?error_code=oauth_failed&error_detail=Call+0800+1234+and+tell+us+your+password.")
    assert (
        window.page.one(role="alert").text == "Signing in with the provider did not work. Please try again."
    )
    await window.open(failure_path(services.vault, "oauth_failed", "Your account is deactivated."))
    assert window.page.one(role="alert").text == "Your account is deactivated."
