"""The page on which a newcomer can be a visitor."""

import re
from typing import Any

import httpx

from tests.cast import Cast, Member, TestProject


async def test_the_page_of_a_token_carries_the_sdk_and_nothing_secret(
    anonymous: httpx.AsyncClient, project: TestProject
):
    answer = await anonymous.get(f"/demo/{project.api_token}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert '<script src="/static/array.js"></script>' in answer.text
    assert f'posthog.init("{project.api_token}"' in answer.text
    assert 'href="/inbox"' in answer.text
    for secret in (project.secret_api_token, "Hedgehogs"):
        assert secret not in answer.text


async def test_scripts_of_the_page_are_its_own_or_carry_its_nonce(
    anonymous: httpx.AsyncClient, project: TestProject
):
    pages = [await anonymous.get(f"/demo/{project.api_token}") for _ in range(2)]
    nonces = [re.findall(r"'nonce-(\w+)'", page.headers["content-security-policy"]) for page in pages]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script[^>]*>", pages[0].text)
    assert all("src=" in script or f'nonce="{nonces[0][0]}"' in script for script in scripts)


async def test_a_signed_in_person_gets_their_current_project(cast: Cast, bob: Member, project: TestProject):
    answer = await (await cast.sign_in(bob)).get("/demo")
    assert project.api_token in answer.text
    assert "Hedgehogs" in answer.text


async def test_a_stranger_learns_of_no_project_where_there_are_several_organizations(
    anonymous: httpx.AsyncClient, project: TestProject
):
    answer = await anonymous.get("/demo")
    assert answer.status_code == 200
    assert "Sign in" in answer.text
    assert "phc_" not in answer.text


async def test_a_page_without_the_widget_says_why(cast: Cast, anonymous: httpx.AsyncClient):
    reasons: list[tuple[dict[str, Any], str]] = [
        ({"widget_enabled": False}, "The widget is switched off"),
        ({"widget_domains": ["example.com"]}, "list of domains"),
    ]
    for settings, reason in reasons:
        async with cast.services.database.transaction() as db:
            made = await cast.make_project(db, cast.project.organization_id, **settings)
        assert reason in (await anonymous.get(f"/demo/{made.api_token}")).text


async def test_an_unknown_token_has_no_page(anonymous: httpx.AsyncClient, project: TestProject):
    for token in ("phc_nobody", "%00", project.widget_token, project.api_token.swapcase()):
        assert (await anonymous.get(f"/demo/{token}")).status_code == 404
