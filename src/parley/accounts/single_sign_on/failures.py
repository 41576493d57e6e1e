"""The answer to a failed sign-in: back to the sign-in page (docs/single-sign-on.md#when-it-does-not-work)."""

from typing import Any

from litestar import Request, Response

from parley.accounts.sign_in.failures import failure_path
from parley.accounts.single_sign_on.errors import SsoFailed


def answer_sso_failure(request: Request[Any, Any, Any], error: SsoFailed) -> Response[Any]:
    """Redirect a browser to the sign-in page, which says what is wrong; never JSON."""
    location = failure_path(request.app.state.services.vault, error.code, error.detail, error.next_path)
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(None, status_code=302, headers=headers, media_type="text/plain")
