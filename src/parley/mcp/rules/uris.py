"""The addresses of resources."""

import re
from urllib.parse import unquote

TRANSCRIPT = re.compile(r"parley://projects/([^/?#]{1,100})/tickets/([^/?#]{1,100})/transcript")


def transcript_address(uri: str) -> tuple[str, str] | None:
    """Return project and ticket of the address of a transcript, or None for any other."""
    found = TRANSCRIPT.fullmatch(uri)
    return (unquote(found[1]), unquote(found[2])) if found else None
