"""Images that stand inside of HTML, as some programs put them there (RFC 2397): they become files of the mail."""

import re

from parley.email.parsing.headers import base64_bytes
from parley.email.parsing.schemas import ParsedAttachment

IMAGE = re.compile(
    rb"""(\bsrc\s{0,5}=\s{0,5}(["']))data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)\2""",
    re.IGNORECASE,
)
MAX_IMAGES = 50
DOMAIN = "inside.html"
"""Of the content ids; no mail has parts with ids of this domain unless it wants to show them instead."""


def images_taken_out(html: bytes) -> tuple[bytes, list[ParsedAttachment]]:
    """Return HTML whose images are named by content ids, and the images."""
    images: list[ParsedAttachment] = []

    def named(found: re.Match[bytes]) -> bytes:
        content_type = found[3].decode().lower()
        content_id = f"image-{len(images) + 1}@{DOMAIN}"
        images.append(
            ParsedAttachment(
                name=f"image-{len(images) + 1}.{content_type.removeprefix('image/')}",
                content_type=content_type,
                content=base64_bytes(found[4]),
                content_id=content_id,
                is_inline=True,
            )
        )
        return found[1] + f"cid:{content_id}".encode() + found[2]

    return IMAGE.sub(named, html, count=MAX_IMAGES), images
