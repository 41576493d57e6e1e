"""Small versions of images. Reading the whole image is also what proves that it is one."""

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MIB = 1024 * 1024
MOST_SOURCE_BYTES = 15 * MIB
LONGEST_SIDE = 480
MOST_PIXELS = 16 * 1000 * 1000
"""Of an image that is decoded whole: 64 MB of memory while it is."""
MOST_PHOTO_PIXELS = 64 * 1000 * 1000
"""Of a baseline JPEG, which is decoded at an eighth of its size."""
MOST_SCANS = 64
"""Of a progressive JPEG: each one goes over the whole picture, and costs its sender 30 bytes. Programs write about ten."""
_one_at_a_time = asyncio.Semaphore(1)


async def thumbnail_of(content: bytes, image_format: str) -> bytes | None:
    """Return a small WebP of a PNG, JPEG, GIF or WebP; None for what can't be read, or has too many pixels.

    One image at a time, in a thread: the memory of one is enough, and the server goes on answering.
    """
    async with _one_at_a_time:
        return await asyncio.to_thread(_thumbnail, content, image_format)


def _thumbnail(content: bytes, image_format: str) -> bytes | None:
    from PIL import Image, ImageOps  # 11 MB of memory

    if image_format == "JPEG" and content.count(b"\xff\xda") > MOST_SCANS:
        return None
    try:
        with Image.open(BytesIO(content), formats=(image_format,)) as opened:
            if not _is_small_enough(opened):
                return None
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            opened.load()
            has_alpha = opened.has_transparency_data
            small = ImageOps.exif_transpose(opened).convert("RGBA" if has_alpha else "RGB")
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            out = BytesIO()
            small.save(out, "WEBP", quality=80)  # nothing of the original's metadata goes along
    except (
        Exception
    ):  # Pillow raises whatever its decoders do: OSError, SyntaxError, ValueError, struct.error ...
        return None
    return out.getvalue()


def _is_small_enough(image: "Image") -> bool:
    """Say whether an image of which only the head was read may be decoded (a few bytes can spell billions of pixels)."""
    pixels = image.width * image.height
    is_photo = image.format == "JPEG" and not image.info.get("progressive")
    return pixels <= (MOST_PHOTO_PIXELS if is_photo else MOST_PIXELS)
