"""Where a browser may be sent with a code: chosen by strangers when they register, compared letter by letter."""

import re
from urllib.parse import SplitResult, urlsplit

MAX_REDIRECT_URI, MAX_REDIRECT_URIS = 300, 5
LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})
PRIVATE_SCHEMES = frozenset(
    {
        "claude",
        "cursor",
        "goose",
        "jetbrains",
        "kiro",
        "raycast",
        "vscode",
        "vscode-insiders",
        "warp",
        "windsurf",
        "zed",
    }
)
"""Of programs that people run as MCP clients. Others have a full stop inside, as RFC 8252 (section 7.1) wants."""
_LETTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&()*+=%]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9\-.]*[A-Za-z0-9])?")
_SCHEME = re.compile(r"[a-z][a-z0-9\-]{0,62}(\.[a-z0-9][a-z0-9\-]{0,62})+")
_PORT = re.compile(r":[0-9]{1,5}$")


def redirect_uri_problem(uri: str) -> str | None:
    """Return what is wrong with a redirect URI in a sentence, or None.

    https anywhere, http on this computer only, private schemes of programs (RFC 8252, section 7); no fragment, nobody's
    name in front of the host. So `javascript:`, `data:` and `file:` never get in.
    """
    if not uri or len(uri) > MAX_REDIRECT_URI:
        return f"A redirect URI has 1 to {MAX_REDIRECT_URI} characters."
    if not _LETTERS.fullmatch(uri):
        return "A redirect URI has only the characters of URLs, and no fragment."
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "The redirect URI is no URL."
    if "@" in parts.netloc:
        return "A redirect URI has no user in front of its host."
    return _scheme_problem(parts)


def _scheme_problem(parts: SplitResult) -> str | None:
    if parts.scheme == "https":
        host = parts.hostname or ""
        is_host = _HOST.fullmatch(host) or host == "::1"
        return None if is_host else "An https redirect URI names a host."
    if parts.scheme == "http":
        is_here = _host(parts) in LOOPBACK
        return None if is_here else "A redirect URI with http is at 127.0.0.1, [::1] or localhost only."
    if parts.scheme in PRIVATE_SCHEMES or _SCHEME.fullmatch(parts.scheme):
        return None
    return "This scheme is not allowed: use https, http on loopback, or a scheme such as com.example.app."


def is_same_redirect(registered: str, given: str) -> bool:
    """Say whether a URI is the registered one: letter by letter, and on loopback with any port (RFC 8252, section 7.3)."""
    if registered == given:
        return True
    try:
        one, other = urlsplit(registered), urlsplit(given)
    except ValueError:
        return False
    if one.scheme != "http" or _host(one) not in LOOPBACK or redirect_uri_problem(given) is not None:
        return False
    return _without_port(registered, one) == _without_port(given, other)


def _host(parts: SplitResult) -> str:
    return _PORT.sub("", parts.netloc)


def _without_port(uri: str, parts: SplitResult) -> str:
    return uri.replace(parts.netloc, _host(parts), 1)


def destination_of(uri: str) -> str:
    """Return where people go, in words: the host, this computer, or the program that opens such links."""
    parts = urlsplit(uri)
    if parts.scheme == "https":
        return parts.netloc.lower()
    if parts.scheme == "http":
        return f"a program on this computer ({parts.netloc})"
    return f"the program on this computer that opens {parts.scheme}: links"


def source_of(uri: str) -> str:
    """Return what a Content-Security-Policy calls the place of a URI."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and "[" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
