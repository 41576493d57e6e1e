"""For whom a token is meant: this server, and nobody else (RFC 8707)."""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

MCP_PATH = "/mcp"


def resources_of(issuer: str) -> tuple[str, str]:
    """Return what this server calls itself as a resource: its API, and its MCP endpoint."""
    return issuer, issuer + MCP_PATH


def are_ours(issuer: str, resources: Sequence[str]) -> bool:
    """Say whether all resources of a request are this server; none named means it, too."""
    ours = {_normal(one) for one in resources_of(issuer)}
    return all(_normal(one) in ours for one in resources)


def _normal(resource: str) -> str:
    try:
        parts = urlsplit(resource)
    except ValueError:
        return ""
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), parts.query, parts.fragment)
    )
