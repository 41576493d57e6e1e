"""How long the inbox takes from a press to the next picture, in a real browser with a long list.

What is measured is what the Event Timing API calls the duration of an event (https://www.w3.org/TR/event-timing/): from
the press to the picture after its listeners, rounded to 8 ms by the browser. The slowest event of a press counts.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from playwright.async_api import Page, async_playwright

from benchmarks.aims import wanted
from benchmarks.figures import slug
from benchmarks.programs import parley
from benchmarks.world import make_world, sign_in
from tests.browser.conftest import CHROMIUM, FLAGS

TICKETS, ROWS, ROUNDS = 3_000, 2_000, 15
PATIENCE_MS = 120_000
WATCH = """window.durations = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.durations.push(one.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))"


class Interaction(msgspec.Struct, frozen=True):
    """Half of the presses at most, and the slowest one, in ms; a press below the 16 ms that browsers report counts as 16."""

    name: str
    p50_ms: float
    slowest_ms: float

    def figures(self) -> dict[str, float]:
        return {f"{slug(self.name)}.ms": self.p50_ms}


def measure_interaction(folder: Path) -> list[Interaction]:
    """Run Parley on SQLite, load so many rows into the list, and press what agents press all day."""
    folder.mkdir(parents=True)
    make_world(folder, f"sqlite:///{folder}/parley.sqlite3", TICKETS)
    with parley(folder, None) as own:
        return asyncio.run(_measured(own.address, sign_in(own.address)))


async def _measured(address: str, cookie: str) -> list[Interaction]:
    cookies = [one.partition("=") for one in cookie.split("; ")]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE_MS)
        await context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, _, value in cookies]
        )
        await context.add_init_script(WATCH)
        page = await context.new_page()
        await page.goto(f"{address}/inbox?status=all")
        await _load_rows(page)
        found = [await _timed(page, name, press) for name, press in PRESSES.items()]
        await browser.close()
        return found


async def _load_rows(page: Page) -> None:
    """Scroll to the end of the list again and again, as somebody who looks for something does."""
    rows = page.locator("#rows .row")
    while (shown := await rows.count()) < ROWS:
        await page.locator("#rows").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        await rows.nth(shown).wait_for(state="attached")


async def _timed(page: Page, name: str, press: Callable[[Page, int], Awaitable[None]]) -> Interaction:
    slowest: list[float] = []
    for number in range(ROUNDS):
        await page.evaluate("() => { window.durations.length = 0; }")
        await press(page, number)
        await page.evaluate(PAINTED)
        slowest.append(max(await page.evaluate("() => window.durations"), default=16))
    return Interaction(name, statistics.median(slowest), max(slowest))


async def _open(page: Page, number: int) -> None:
    await page.keyboard.press("j")
    await page.locator("#rows .row[aria-current]").wait_for()


async def _tick(page: Page, number: int) -> None:
    await page.keyboard.press("x")


async def _bar(page: Page, number: int) -> None:
    await page.keyboard.press("Control+k")
    await page.get_by_role("dialog", name="Command bar").wait_for()
    await page.keyboard.press("Escape")


async def _type(page: Page, number: int) -> None:
    if number == 0:
        await page.keyboard.press("r")
        await page.get_by_role("textbox", name="Message to").wait_for()
    await page.keyboard.press("a")


async def _row(page: Page, number: int) -> None:
    await page.locator("#rows .row").nth(ROWS // 2 + number).click()


PRESSES = {
    "the next conversation, by `j`": _open,
    "a conversation in the middle of the list, by the mouse": _row,
    "a tick, by `x`": _tick,
    "the command bar, and away": _bar,
    "a letter of an answer": _type,
}


def interaction_table(found: list[Interaction]) -> str:
    """Return how long each press waits for its picture."""
    lines = [f"| {ROWS} rows in the list | p50 | slowest of {ROUNDS} | p50 to reach |", "|---|---|---|---|"]
    for one in found:
        aim = wanted(f"interaction.{slug(one.name)}.ms")
        lines.append(f"| {one.name} | **{one.p50_ms:.0f} ms** | {one.slowest_ms:.0f} ms | {aim} |")
    return "\n".join([*lines, ""])
