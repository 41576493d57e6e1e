"""From the template of a public page to an answer. It knows no session, and sets no cookie of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment
from litestar import Response
from litestar.datastructures import Cookie

from parley.analytics.sharing.rules.page_data import PageType, page_headers, page_type_of
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_token


def public_page(
    request: ParleyRequest,
    template: str,
    *,
    data: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: Sequence[Cookie] = (),
    **values: Any,
) -> Response[str]:
    """Render a page with the data for its scripts; `values` are further variables of the template."""
    nonce, page_type = new_token(length=22), page_type_of_request(request)
    environment: Environment = request.app.template_engine.engine  # type: ignore[union-attr]
    html = environment.get_template(template).render(values, nonce=nonce, data=data, page_type=page_type)
    return Response(
        html,
        media_type="text/html",
        status_code=status,
        headers={**page_headers(page_type, nonce), **(headers or {})},
        cookies=list(cookies),
    )


def page_type_of_request(request: ParleyRequest) -> PageType:
    """Say whether the page is to be framed: by its path, or by `?embedded`."""
    return page_type_of(request.scope["path"], "embedded" in request.query_params)
