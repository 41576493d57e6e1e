"""How content of strangers leaves: never as a page, a script or a style of ours."""

from urllib.parse import quote

from parley.conversations.files.rules.types import UNKNOWN

MARKUP = ("html", "xml", "svg", "script")
SAFETY = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Robots-Tag": "noindex",
    # Pages of others show images to the customers of this project; the link is the secret.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def served_type(content_type: str) -> str:
    """Return the type under which content leaves: whatever a browser could run is only bytes."""
    return UNKNOWN if any(word in content_type for word in MARKUP) else content_type


def disposition(name: str, *, is_inline: bool) -> str:
    """Return the `Content-Disposition` (RFC 6266) with the name in ASCII and, where it has other characters, in UTF-8."""
    kind = "inline" if is_inline else "attachment"
    plain = "".join(one if one.isascii() and one not in '"\\%' else "_" for one in name)
    header = f'{kind}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
