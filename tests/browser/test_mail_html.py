"""HTML of mails in a real browser: after the sanitiser nothing in it runs, and nothing is asked of another host."""

from playwright.async_api import Dialog, Page, Route

from parley.kernel.text.safe_html import sanitized
from parley.kernel.text.tests.test_safe_html import ATTACKS

OUTSIDE = "https://mail.example/"


async def opened(page: Page, html: str) -> list[str]:
    """Show HTML as a page of its own, without any policy that would protect it; return what it did."""
    done: list[str] = []

    async def dialog(shown: Dialog) -> None:
        done.append(f"dialog {shown.message}")
        await shown.dismiss()

    page.on("dialog", dialog)
    page.on("request", lambda asked: done.append(asked.url))

    async def answer(route: Route) -> None:  # nothing leaves this machine
        await route.fulfill(content_type="text/html", body=html if route.request.url == OUTSIDE else "")

    await page.route("**/*", answer)
    await page.goto(OUTSIDE)
    await page.evaluate("() => new Promise(done => setTimeout(done, 300))")
    return [one for one in done if one != OUTSIDE]


async def test_no_attack_runs_or_loads_anything(new_context) -> None:
    context = await new_context()
    assert await opened(await context.new_page(), "".join(ATTACKS[:3]))  # the browser would run and load them
    clean = "".join(f"<div>{sanitized(html)}</div>" for html in ATTACKS)
    page = await context.new_page()
    assert await opened(page, f"<!doctype html><body>{clean}</body>") == []
    covered = "() => [...document.querySelectorAll('*')].filter(one => getComputedStyle(one).position !== 'static').length"
    assert await page.evaluate(covered) == 0
