"""What servers of ours found out about the sender: Authentication-Results (RFC 8601).

Anybody can write this field. It counts when it names a server that is trusted and stands where only that server could
put it: above the first Received, or as the topmost one of its server, which must then remove those of others
(RFC 8601 5).
"""

import re

from parley.email.parsing.charsets import text_of
from parley.email.parsing.headers import MailHeader
from parley.email.parsing.schemas import AuthenticationResult

LEXEME = re.compile(r"\\.|[\"()]|[^\\\"()]+|\\", re.DOTALL)
SPECIAL = re.compile(r"[^\w.@-]")
METHOD = re.compile(r"\s*([a-z][a-z0-9-]{0,30})(?:/[0-9]+)?\s*=\s*([a-z]{1,20})\b", re.IGNORECASE)
DOMAIN = re.compile(
    r"\b(header\.d|header\.from|smtp\.mailfrom|header\.i|smtp\.helo|policy\.d)\s*=\s*([^\s;]{1,320})",
    re.IGNORECASE,
)
# Whose domain a method is about, the best property first.
PROPERTIES = {
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
    "spf": ("smtp.mailfrom", "smtp.helo"),
}
MAX_RESULTS = 50


def authentication_results(
    header: MailHeader, trusted_hops: frozenset[str]
) -> tuple[AuthenticationResult, ...]:
    """Return the results of trusted servers, as they stand."""
    trusted = {hop.lower() for hop in trusted_hops}
    if not trusted:
        return ()
    results: list[AuthenticationResult] = []
    for server, text in _counted(header, trusted):
        results += _results(server, text)
    return tuple(results[:MAX_RESULTS])


def _counted(header: MailHeader, trusted: set[str]) -> list[tuple[str, str]]:
    """Return server and text of the fields that count."""
    above: list[tuple[str, str]] = []
    topmost: dict[str, tuple[str, str]] = {}
    is_above = True
    for name, value in header.fields:
        if name == "received":
            is_above = False
        elif name == "authentication-results":
            server, _, rest = _bare(value).partition(";")
            server = server.split()[0].lower() if server.split() else ""
            if server in trusted:
                topmost.setdefault(server, (server, rest))
                above += [(server, rest)] if is_above else []
    covered = {server for server, _ in above}
    return above + [found for server, found in topmost.items() if server not in covered]


def _bare(value: bytes) -> str:
    """Return a field without comments, and with nothing in what is quoted that could end it (RFC 5322, section 3.2).

    Servers repeat in both what the sender calls itself.
    """
    kept = list[str]()
    depth, is_quoted = 0, False
    for found in LEXEME.finditer(text_of(value[:16_384])):
        piece = found[0]
        if piece == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            kept.append("" if depth else SPECIAL.sub("_", piece))
        elif piece == "(":
            depth += 1
            kept.append(" ")
        elif piece == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(piece)
    return "".join(kept)


def _results(server: str, text: str) -> list[AuthenticationResult]:
    results = []
    for statement in text.split(";"):
        found = METHOD.match(statement)
        if found is None:
            continue
        method, result = found[1].lower(), found[2].lower()
        told = {name.lower(): value for name, value in DOMAIN.findall(statement)}
        domain = next((told[name] for name in PROPERTIES.get(method, ()) if name in told), "")
        results.append(AuthenticationResult(server, method, result, domain.rpartition("@")[2].lower()))
    return results
