"""Charts on pages: drawn under the policy that every page has, which allows no code made of text."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.charts.tests.samples import SAMPLES
from parley.analytics.sharing.rules.page_data import page_headers
from parley.main import template_environment
from parley.web.rendering import HEADERS
from parley.web.static_files import asset
from tests.browser.accessibility import check_with_axe
from tests.browser.conftest import NewContext

pytestmark = pytest.mark.browser
SITE, NONCE = "https://charts.test", "n0nce"
PAGE = """{% extends "sharing/_frame.html" %}
{% from "charts/_chart.html" import chart_scripts, chart_figure with context %}
{% block title %}Charts{% endblock %}
{% block scripts %}{{ chart_scripts(nonce) }}{% endblock %}
{% block main %}<main id="main">{% for name, chart in charts.items() %}
<section id="{{ loop.index }}" class="rounded-box bg-base-100 p-4 m-2"><h2>{{ name }}</h2>{{ chart_figure(chart) }}</section>
{% endfor %}</main>{% endblock %}"""


def html(names: list[str]) -> str:
    charts = {name: chart_of(*SAMPLES[name]) for name in names}
    return template_environment().from_string(PAGE).render(charts=charts, nonce=NONCE, data={})


async def opened(page: Page, names: list[str], headers: dict[str, str]) -> list[str]:
    """Open a page with these charts; return what the browser says is wrong, as far as it does."""
    wrong: list[str] = []

    async def answer(route: Route, request: Request) -> None:
        found = asset(urlsplit(request.url).path.rpartition("/")[2])
        if found is not None:
            await route.fulfill(body=found.content, content_type=found.kind)
        else:
            await route.fulfill(body=html(names), content_type="text/html; charset=utf-8", headers=headers)

    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.route("**/*", answer)
    await page.goto(SITE)
    return wrong


@pytest.fixture
async def page(new_context: NewContext) -> AsyncIterator[Page]:
    context = await new_context()
    yield await context.new_page()


@pytest.mark.parametrize("policy", ["pages", "shared"])
async def test_every_kind_is_drawn_under_the_policy_of_pages(page: Page, policy: str) -> None:
    headers = HEADERS if policy == "pages" else page_headers("scene", NONCE)
    wrong = await opened(page, list(SAMPLES), headers)
    await expect(page.locator("[data-chart-picture] svg")).to_have_count(len(SAMPLES))
    await expect(page.locator("details[open]")).to_have_count(0)
    await expect(page.get_by_role("img", name="No events in these 7 days")).to_be_visible()
    assert wrong == []
    if policy == "pages":
        await check_with_axe(page)


async def test_values_of_visitors_are_words_on_the_page_and_in_hints(page: Page) -> None:
    wrong = await opened(page, ["hostile values"], HEADERS)
    name = page.locator("svg text", has_text="<script>alert(1)</script>")
    await expect(name).to_be_visible()
    await page.locator("svg .mark-rect path").first.hover()
    await expect(page.locator(".chart-hint")).to_have_text("What: <script>alert(1)</script>\nValue: 5,200")
    assert (
        await page.locator("svg a, svg image, svg foreignObject, figure script:not([data-chart])").count()
        == 0
    )
    assert wrong == []


async def test_a_chart_is_drawn_anew_for_another_theme_and_width(page: Page) -> None:
    await opened(page, ["breakdown of 10"], HEADERS)
    line = page.locator("svg .mark-line path").first
    await expect(line).to_have_attribute("stroke", "#3a4bcb")
    await page.emulate_media(color_scheme="dark")
    await expect(line).to_have_attribute("stroke", "#8fa2ff")
    before = await page.locator("svg").bounding_box()
    await page.set_viewport_size({"width": 390, "height": 800})
    await expect(page.locator("svg")).not_to_have_attribute(
        "width", str(round(before["width"])) if before else ""
    )
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
    await expect(line).to_have_attribute("stroke", "#3a4bcb")


async def test_a_chart_that_arrives_later_is_drawn_and_one_that_goes_is_let_go(page: Page) -> None:
    await opened(page, ["line", "ring"], HEADERS)
    await expect(page.locator("svg")).to_have_count(2)
    figure = await page.locator("figure").first.evaluate("(one) => { one.remove(); return one.outerHTML; }")
    await expect(page.locator("svg")).to_have_count(1)
    await page.evaluate(
        "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", figure
    )
    await expect(page.locator("svg")).to_have_count(2)


async def test_without_script_the_numbers_are_shown(chromium: Browser) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await opened(page, ["line", "empty"], HEADERS)
    await expect(page.get_by_role("rowheader", name="22 Nov 2026").first).to_be_visible()
    await expect(page.get_by_text("No events in these 7 days")).to_be_visible()
    await context.close()
