"""Pictures of charts. They are drawn apart: whatever happens to the engine there, the server goes on."""

import hashlib
from collections.abc import Sequence

import msgspec

from parley.analytics.charts.drawer import DrawRequest, Format
from parley.analytics.charts.errors import ChartNotDrawn
from parley.analytics.charts.rules.chart import Spec
from parley.analytics.charts.rules.specs import loads_something
from parley.kernel.isolation.pool import Stopped
from parley.kernel.services import Services

PROGRAM = "parley.analytics.charts.drawer"
SECONDS = 8.0
MAX_SPEC_BYTES = 4 * 1024 * 1024
SHARP = 2.0
"""Dots of a picture for each pixel, as screens of phones have them."""


async def pictures(services: Services, spec: Spec, *formats: Format, scale: float = SHARP) -> Sequence[bytes]:
    """Return a chart in these formats. Raises ChartNotDrawn, and nothing else; takes about 40 ms for each.

    A description comes from `chart_of`: it is never what somebody sent. One that would load something is refused: the
    engine loads pictures whatever its list of allowed addresses says.
    """
    if loads_something(spec):
        raise ChartNotDrawn("loads")
    return await _drawn(services, msgspec.json.encode(spec), DrawRequest(formats, scale))


async def pictures_of_svg(
    services: Services, svg: str, *formats: Format, scale: float = SHARP
) -> Sequence[bytes]:
    """Return an SVG of ours in these formats. Raises ChartNotDrawn, and nothing else."""
    if "href" in svg or "<image" in svg or "url(" in svg:
        raise ChartNotDrawn("loads")
    return await _drawn(services, svg.encode(), DrawRequest(formats, scale, is_svg=True))


async def letter_picture(services: Services, spec: Spec, scale: float = SHARP) -> bytes:
    """Return a chart as PNG, as `pictures` does. Many letters show the same chart within minutes: it is drawn once."""
    key = hashlib.sha256(msgspec.json.encode((scale, spec))).digest()
    known = services.recent_pictures.get(key)
    if known is None:
        [known] = await pictures(services, spec, "png", scale=scale)
        services.recent_pictures.put(key, known)
    return known


async def _drawn(services: Services, content: bytes, request: DrawRequest) -> Sequence[bytes]:
    if len(content) > MAX_SPEC_BYTES:
        raise ChartNotDrawn("too_large")
    pool = services.isolated.pool(PROGRAM)
    try:
        return (await pool.ask(msgspec.msgpack.encode(request), content, seconds=SECONDS))[1]
    except Stopped as stopped:
        raise ChartNotDrawn(stopped.reason) from None
