"""axe-core on a page, in both themes or in one."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.async_api import Frame, Page

from tests.browser.conftest import PATIENCE_MS

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Animations that run by the clock are over. Those bound to scrolling never end.
SETTLED = """document.getAnimations().every(
    one => one.playState !== "running" || !(one.timeline instanceof DocumentTimeline)
)"""


Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


async def check_with_axe(page: Page, exclude: Sequence[str] = (), themes: Sequence[Theme] = THEMES) -> None:
    """Fail for each serious or critical finding that stays: a colour on its way to another one passes."""
    # The page's own policy keeps strangers' scripts out, so this one comes in through the debugger.
    await page.evaluate(AXE.read_text() + ";0")
    for theme in themes:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for _ in range(5):
            await drawn_until(page.main_frame, SETTLED)
            serious = await findings(page, exclude)
            if not serious:
                break
        assert (theme, serious) == (theme, [])


async def findings(page: Page, exclude: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return what axe finds, with the elements."""
    context = json.dumps(
        {"exclude": [[selector] for selector in exclude]} if exclude else {"include": [["html"]]}
    )
    found = await page.evaluate(f"axe.run({context}, {{resultTypes: ['violations']}})")
    return [
        (item["id"], [node["html"][:200] for node in item["nodes"]])
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
    ]


async def drawn_until(frame: Frame, holds: str) -> None:
    """Wait until an expression of JavaScript is true, and what led to it has been drawn.

    ``wait_for_function`` asks a second time by ``eval``, which the policy of Parley's pages forbids.
    """
    look = f"const look = () => ({holds}) ? requestAnimationFrame(resolve) : requestAnimationFrame(look)"
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await frame.evaluate(f"() => new Promise(resolve => {{ {look}; requestAnimationFrame(look) }})")
