"""The program that draws charts in a process of its own: `python -m parley.analytics.charts.drawer`.

It holds a JavaScript engine: about 95 MB after its first chart and 150 MB after five hundred. A server that never draws
doesn't pay that. Its fonts are its own and the machine's. While it draws it runs no other Python, so it has no other work.
"""

import io
from typing import Literal

import msgspec

from parley.kernel.isolation.program import serve

CPU_S = 10
MEMORY_BYTES = 1536 * 1024 * 1024
"""Of memory that it may write to: the engine takes 580 MB of that at once and uses a sixth."""

COLOURS = 128
Format = Literal["png", "svg", "pdf"]


class DrawRequest(msgspec.Struct, array_like=True, frozen=True):
    """In which formats a description is wanted, or an SVG that is one already; pictures have `scale` dots per pixel."""

    formats: tuple[Format, ...]
    scale: float
    is_svg: bool = False


def draw(request: bytes, content: bytes) -> tuple[bytes, list[bytes]]:
    """Return the pictures in the order in which they were asked for."""
    asked = msgspec.msgpack.decode(request, type=DrawRequest)
    text = content.decode()
    if asked.is_svg:
        return b"", [_from_svg(text, one, asked.scale) for one in asked.formats]
    return b"", [_from_spec(text, one, asked.scale) for one in asked.formats]


def _from_spec(spec: str, wanted: Format, scale: float) -> bytes:
    import vl_convert

    nowhere: list[str] = []
    if wanted == "png":
        return _with_few_colours(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=nowhere))
    if wanted == "pdf":
        return vl_convert.vegalite_to_pdf(spec, allowed_base_urls=nowhere)
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=nowhere).encode()


def _from_svg(svg: str, wanted: Format, scale: float) -> bytes:
    import vl_convert

    if wanted == "png":
        return _with_few_colours(vl_convert.svg_to_png(svg, scale=scale))
    return vl_convert.svg_to_pdf(svg) if wanted == "pdf" else svg.encode()


def _with_few_colours(png: bytes) -> bytes:
    """Return a picture with a palette, which nobody can tell from it: it takes a fifth of the bytes, and 20 ms."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    small = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette, corner = small.getpalette() or [], (0, 0)
    at = 3 * int(small.getpixel(corner))  # type: ignore[arg-type]
    palette[at : at + 3] = picture.getpixel(corner)  # type: ignore[assignment]
    small.putpalette(palette)  # the background is the page's own
    file = io.BytesIO()
    small.save(file, "png")
    return file.getvalue()


if __name__ == "__main__":
    serve(draw, cpu_s=CPU_S, memory_bytes=MEMORY_BYTES, reserves_addresses=True)
