"""Images that stand inside of HTML, as some programs put them there (RFC 2397): they become files of the mail."""

import re

from parley.email.parsing.headers import base64_bytes
from parley.email.parsing.schemas import ParsedAttachment

IMAGE = re.compile(rb"""(["'])data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)\1""")
MAX_IMAGES = 50
DOMAIN = "inside.html"
"""Of the content ids; no mail has parts with ids of this domain unless it wants to show them instead."""


def images_taken_out(html: bytes, n_before: int) -> tuple[bytes, list[ParsedAttachment]]:
    """Return HTML whose images are named by content ids, and the images. The mail has `n_before` files so far."""
    images: list[ParsedAttachment] = []
    if b";base64," not in html:
        return html, images

    def named(found: re.Match[bytes]) -> bytes:
        content_type = found[2].decode()
        name = f"image-{n_before + len(images) + 1}"
        images.append(
            ParsedAttachment(
                name=f"{name}.{content_type.removeprefix('image/')}",
                content_type=content_type,
                content=base64_bytes(memoryview(html)[found.start(3) : found.end(3)]),
                content_id=f"{name}@{DOMAIN}",
                is_inline=True,
            )
        )
        return found[1] + f"cid:{name}@{DOMAIN}".encode() + found[1]

    return IMAGE.sub(named, html, count=MAX_IMAGES), images
