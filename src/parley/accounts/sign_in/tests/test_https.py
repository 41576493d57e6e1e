"""A server whose site URL is https: browsers come by https only, and its cookies are its own."""

import httpx
import pytest

from tests.cast import PASSWORD
from tests.limited import limited_app
from tests.plain_browser import PlainBrowser

ME = "/api/users/@me/"
HSTS = "strict-transport-security"


@pytest.fixture
async def https(cast, settings, session_clock):
    """Make clients of a server with an https site URL; `scheme` is how the requests arrive."""
    clients = []
    async with limited_app(settings, "off", session_clock, site_url="https://parley.test") as app:

        def client(scheme="https", **headers):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
            clients.append(
                httpx.AsyncClient(transport=transport, base_url=f"{scheme}://parley.test", headers=headers)
            )
            return clients[-1]

        yield client
        for one in clients:
            await one.aclose()


async def login(client, member):
    return await client.post("/api/login", json={"email": member.email, "password": PASSWORD})


def set_cookies(answer):
    return {one.split("=")[0]: one.lower() for one in answer.headers.get_list("set-cookie")}


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_cookies_are_secure_and_of_this_host_alone(https, alice, scheme):
    """Behind a proxy that isn't known to be trusted, https arrives as http."""
    found = set_cookies(await login(https(scheme), alice))
    assert set(found) == {"__Host-parley_session", "__Host-parley_csrf"}
    for one in found.values():
        assert "secure" in one and "path=/" in one and "domain" not in one and "samesite=lax" in one
    assert "httponly" in found["__Host-parley_session"] and "httponly" not in found["__Host-parley_csrf"]
    form = set_cookies(await https(scheme).get("/login"))
    assert set(form) == {"__Host-parley_form"} and "secure" in form["__Host-parley_form"]


async def test_the_session_works_on_pages_and_in_the_api_and_ends(https, alice):
    client = https()
    await login(client, alice)
    csrf = {"X-CSRFToken": client.cookies["__Host-parley_csrf"]}
    assert (await client.get(ME)).json()["email"] == alice.email
    assert (await client.get("/inbox")).status_code == 200
    assert (await client.patch(ME, json={"first_name": "A"})).status_code == 403
    assert (await client.patch(ME, json={"first_name": "A"}, headers=csrf)).status_code == 200
    ended = set_cookies(await client.post("/api/logout", headers=csrf))
    assert all("secure" in one and "max-age=0" in one for one in ended.values()) and len(ended) == 2
    assert (await client.get(ME)).status_code == 401


async def test_somebody_signs_in_and_out_by_the_form(https, alice):
    window = await PlainBrowser(https()).open("/login")
    await window.press("Sign in", email=alice.email, password=PASSWORD)
    assert window.path == "/inbox"
    await window.press("Sign out")
    assert window.path.startswith("/login")


async def test_a_cookie_that_a_neighbour_may_have_set_is_not_believed(https, cast, alice):
    token = (await cast.sign_in(alice)).cookies["parley_session"]
    plain, prefixed = https(), https()
    plain.cookies.set("parley_session", token)
    prefixed.cookies.set("__Host-parley_session", token)
    assert [(await client.get(ME)).status_code for client in (plain, prefixed)] == [401, 200]


async def test_every_answer_asks_for_https_from_then_on(https, anonymous):
    client = https()
    for path in ("/login", "/_health", "/nowhere", "/api/users/@me/", "/static/array.js", "/e/"):
        assert (await client.get(path)).headers[HSTS] == "max-age=31536000", path
        assert HSTS not in (await anonymous.get(path)).headers
