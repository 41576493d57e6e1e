"""Pictures: drawn in a process of its own, which reaches nothing and whose end ends nothing else."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import cast

import pytest

from parley.analytics.charts.drawing import MAX_SPEC_BYTES, PROGRAM, letter_picture, pictures, pictures_of_svg
from parley.analytics.charts.errors import ChartNotDrawn
from parley.analytics.charts.rules.charts import chart_of
from parley.analytics.charts.tests.samples import SAMPLES
from parley.kernel.isolation.pool import IsolatedPools
from parley.kernel.recent import RecentBytes
from parley.kernel.services import Services


class Drawing:
    """The one service that drawing needs."""

    def __init__(self) -> None:
        self.isolated = IsolatedPools()
        self.recent_pictures = RecentBytes(1_000_000, seconds=600)


@pytest.fixture(scope="module")
async def drawing() -> AsyncIterator[Services]:
    made = Drawing()
    yield cast(Services, made)
    await made.isolated.close()


async def test_a_chart_is_drawn_as_png_svg_and_pdf(drawing: Services) -> None:
    spec = chart_of(*SAMPLES["line"], width=500).spec
    assert spec is not None
    png, svg, pdf = await pictures(drawing, spec, "png", "svg", "pdf")
    assert png.startswith(b"\x89PNG") and int.from_bytes(png[16:20]) == 1000
    assert svg.startswith(b"<svg") and b"22 Nov" in svg
    assert pdf.startswith(b"%PDF")
    assert (await pictures_of_svg(drawing, svg.decode(), "pdf"))[0].startswith(b"%PDF")


async def test_a_chart_of_many_letters_is_drawn_once(drawing: Services) -> None:
    spec = chart_of(*SAMPLES["ring"], width=500).spec
    assert spec is not None
    first = await letter_picture(drawing, spec)
    assert await letter_picture(drawing, spec) is first
    assert int.from_bytes((await letter_picture(drawing, spec, 1.0))[16:20]) == 500
    assert len(first) < 30_000  # with a palette


@pytest.mark.parametrize("name", ["hostile values", "hostile lines"])
async def test_values_of_visitors_are_words_in_the_picture(drawing: Services, name: str) -> None:
    spec = chart_of(*SAMPLES[name], width=900).spec
    assert spec is not None
    svg = (await pictures(drawing, spec, "svg"))[0]
    assert b"&lt;script&gt;" in svg
    assert not [tag for tag in (b"<script", b"<a ", b"<image", b"<foreignObject", b"href=") if tag in svg]


async def test_the_drawing_process_reaches_no_server(drawing: Services) -> None:
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/values.json"
    spec = {"data": {"url": url}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "nominal"}}}
    image = {
        "data": {"values": [{"u": url}]},
        "mark": {"type": "image"},
        "encoding": {"url": {"field": "u"}},
    }
    async with server:
        for loading in (spec, image, {"layer": [image]}):
            with pytest.raises(ChartNotDrawn, match="loads"):
                await pictures(drawing, loading, "png")
        with pytest.raises(ChartNotDrawn, match="loads"):
            await pictures_of_svg(drawing, f'<svg><image href="{url}"/></svg>', "png")
    assert asked == []


async def test_a_process_that_is_killed_while_it_draws_disturbs_no_other_chart(drawing: Services) -> None:
    spec = chart_of(*SAMPLES["line"]).spec
    assert spec is not None
    await pictures(drawing, spec, "svg")
    worker = drawing.isolated.pool(PROGRAM)._idle[-1]
    os.kill(worker._process.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(pictures(drawing, spec, "svg"))
    await asyncio.sleep(0.05)
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(ChartNotDrawn):
        await waiting
    assert (await pictures(drawing, spec, "svg"))[0].startswith(b"<svg")


async def test_what_is_no_chart_or_too_large_is_refused(drawing: Services) -> None:
    with pytest.raises(ChartNotDrawn, match="crashed"):
        await pictures(drawing, {"mark": "nothing we know"}, "svg")
    with pytest.raises(ChartNotDrawn, match="too_large"):
        await pictures(drawing, {"description": "x" * MAX_SPEC_BYTES}, "svg")
