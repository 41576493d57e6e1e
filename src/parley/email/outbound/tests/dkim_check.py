"""Signatures, checked by a library that had no part in making them."""

from typing import Any

import dkim  # type: ignore[import-untyped]

from parley.email.channels.tests.channels import one_key


def is_signed(mail: Any, post: Any) -> bool:
    """Say whether dkimpy finds a good signature of the channel's domain on a mail in the folder."""
    folder = post.services.settings.data_dir / "mail"
    raw = (folder / f"{mail['Message-ID'].strip('<>')}.eml").read_bytes()

    def text_record(name: bytes, timeout: int = 5) -> bytes:
        wanted = f"{post.channel.dkim_selector}._domainkey.{post.channel.domain}."
        return f"v=DKIM1; k=rsa; p={one_key().public_key}".encode() if name.decode() == wanted else b""

    is_good: bool = dkim.verify(raw, dnsfunc=text_record)
    return is_good
