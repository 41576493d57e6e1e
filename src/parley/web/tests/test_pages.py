"""What holds for every page: headers, files, errors that a person can read."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, get

from parley.kernel.errors import AppError, Invalid, Throttled, Unavailable
from parley.kernel.http.authorization import public
from parley.kernel.http.error_responses import answer_anything, answer_app_error
from parley.kernel.http.request import ParleyRequest
from parley.web.error_pages import for_people
from parley.web.static_files import HERE, asset
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, read_html, window_of


async def test_a_page_allows_no_script_but_its_own_files(anonymous):
    answer = await anonymous.get("/login")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_page_is_compressed_for_who_can_read_that_and_reads_the_same(cast, alice):
    client = await cast.sign_in(alice)
    packed = await client.get("/settings/members", headers={"Accept-Encoding": "gzip, br"})
    plain = await client.get("/settings/members", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["vary"] and packed.headers["vary"] == plain.headers["vary"]
    assert 3 * int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    first, second = (
        read_html(one.text).all("input", name="csrf_token")[0]["value"] for one in (packed, plain)
    )
    assert packed.text.replace(first, second) == plain.text and first != second


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True), ("br, GZIP;q=0.5", True), ("gzip ; q=1", True), ("gzip;q=0", False), ("br, gzip; q=0.0", False),
        ("", False), ("br", False), ("xgzip", False), ("identity;q=1, *;q=0", False),
    ],
)  # fmt: skip
async def test_nobody_gets_what_they_refuse(anonymous, accepted, is_packed):
    answer = await anonymous.get("/login", headers={"Accept-Encoding": accepted})
    assert (answer.headers.get("content-encoding") == "gzip") is is_packed
    assert "Sign in" in answer.text


async def test_files_of_a_page_can_be_loaded_and_kept(anonymous):
    page = read_html((await anonymous.get("/login")).text)
    for link in page.all("link"):
        answer = await anonymous.get(link["href"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_the_typeface_is_ours_and_small_for_latin_letters(anonymous):
    page = read_html((await anonymous.get("/login")).text)
    [sheet], [early] = page.all("link", rel="stylesheet"), page.all("link", rel="preload")
    named = re.findall(r"url\(([^)]+\.woff2[^)]*)\)", (await anonymous.get(sheet["href"])).text)
    assert early["href"].removeprefix("/assets/") in named
    for address in named:
        answer = await anonymous.get(f"/assets/{address}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "font/woff2")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content.startswith(b"wOF2")
    assert len((await anonymous.get(early["href"])).content) <= 60_000


@pytest.mark.parametrize("name", ["..%2f..%2fmain.py", "pages.py", "nothing.js", ".js", "app.css.gz"])
async def test_nothing_but_the_files_of_pages_is_served(anonymous, name):
    assert (await anonymous.get(f"/assets/{name}")).status_code == 404


async def test_a_missing_page_tells_a_person_what_to_do(anonymous):
    window = await PlainBrowser(anonymous).open("/no/such/page")
    assert window.status == 404
    assert window.heading == "There is nothing here"
    assert window.page.one("main").all("a")[-1]["href"] == "/"


async def test_a_program_gets_the_envelope_on_the_same_address(anonymous):
    answer = await anonymous.get("/no/such/page", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_the_api_answers_browsers_in_json(anonymous):
    answer = await anonymous.get("/api/users/@me/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.json()["type"] == "authentication_error"


async def test_a_page_that_is_not_yours_says_so(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post("/settings", data={"csrf_token": token, "name": "Mine"})
    page = read_html(answer.text)
    assert answer.status_code == 403
    assert page.one("h1").text == "You can't do this"
    assert "for admins and owners" in page.one("main").text


@pytest.mark.parametrize(
    ("error", "status", "heading", "sentence"),
    [
        (Throttled(30), 429, "A little slower, please", "Wait a moment"),
        (Unavailable(), 503, "Parley is catching its breath", "Nothing is lost"),
        (RuntimeError("secret_column"), 500, "Something broke on our side", "server's log"),
        (Invalid("The name is taken."), 400, "That did not work", "The name is taken."),
    ],
)
async def test_each_error_has_a_page_that_tells_nothing_internal(app, error, status, heading, sentence):
    answers: dict[Any, Any] = {Exception: for_people(answer_anything), AppError: for_people(answer_app_error)}

    @get("/broken", guards=[public])
    async def broken() -> None:
        raise error

    broken_app = Litestar(
        [broken], exception_handlers=answers, request_class=ParleyRequest, state=app.app.state
    )
    broken_app.template_engine = app.app.template_engine
    transport = httpx.ASGITransport(broken_app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        window = await PlainBrowser(client).open("/broken")
    assert (window.status, window.heading) == (status, heading)
    assert sentence in window.page.one("main").text
    assert "secret_column" not in window.answer.text
    assert ("retry-after" in window.answer.headers) == (status in (429, 503))


def test_the_style_sheet_has_no_class_for_a_mere_word_of_the_program():
    """Tailwind takes every word of a Python file for a class."""
    found = asset("app.css")
    assert found is not None and b"}.filter{" not in found.content


SCRIPT = re.compile(r"<script(?P<kind>[^>]*?) src=\"\{\{ asset_url\('(?P<name>[\w.-]+\.js)'\)")
DECLARED = re.compile(r"^(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)


def scripts_of(template: Path) -> set[str]:
    """Return the scripts of a template that share one scope."""
    found = SCRIPT.finditer(template.read_text())
    return {one["name"] for one in found if "module" not in one["kind"]}


def test_no_two_scripts_of_a_page_declare_one_name():
    """The browser refuses the whole of the second one."""
    own, templates = HERE / "templates", sorted(HERE.parent.rglob("templates/**/*.html"))
    everywhere = set[str]().union(*(scripts_of(one) for one in templates if one.is_relative_to(own)))
    assert "shortcuts.js" in everywhere
    for template in templates:
        # The frame of a recording is a page of its own.
        names = scripts_of(template) | (set() if template.name == "frame.html" else everywhere)
        files = [HERE / "assets" / name for name in names]
        declared = Counter(
            one for file in files if file.exists() for one in DECLARED.findall(file.read_text())
        )
        assert [name for name, n in declared.items() if n > 1] == [], template
