"""What public pages say: the data that scripts read, and the headers."""

from collections.abc import Mapping
from typing import Any, Literal

from parley.analytics.sharing.rules.configurations import shown_settings

PageType = Literal["scene", "embed"]


def split_extension(text: str) -> tuple[str, str]:
    """Return the secret of a link and the extension behind it, such as `json`; no secret has a dot."""
    token, _, extension = text.partition(".")
    return token, extension


def unlock_data(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is told before the password: nothing about what is shared."""
    shown = shown_settings(settings)
    return {"type": "unlock", **{name: shown[name] for name in ("whitelabel", "theme") if name in shown}}


def shared_data(
    page_type: PageType,
    *,
    token: str,
    proof: str | None,
    project_id: int,
    kind: str,
    shared: Mapping[str, Any],
    settings: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what the player needs; `shareToken` is the proof that the API wants, too, where the link has passwords."""
    data = {
        "type": page_type,
        "accessToken": token,
        "projectId": project_id,
        kind: dict(shared),
        **shown_settings(settings),
        "rootClassName": f"export-type-{page_type}",
    }
    return data if proof is None else {**data, "shareToken": proof}


def page_headers(page_type: PageType, nonce: str) -> dict[str, str]:
    """Return the headers of a public page. Other sites may frame only the embedded one.

    Recordings are drawn by a frame of no origin, which has a policy of its own (docs/decisions/0031).
    """
    is_framed = page_type == "embed"
    policy = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors *" if is_framed else "frame-ancestors 'none'",
    )
    framing = {} if is_framed else {"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        **framing,
    }


def page_type_of(path: str, wants_embedding: bool) -> PageType:
    """Say how a page looks, and whether other sites may frame it."""
    return "embed" if wants_embedding or path.startswith("/embedded/") else "scene"
