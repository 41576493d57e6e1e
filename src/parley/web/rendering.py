"""From a context struct and a template to an answer, with the headers that every page has."""

import gzip
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from parley.kernel.config.for_mail import is_this_machine
from parley.kernel.http.authorization import ADMIN, OWNER, Principal, Project
from parley.kernel.http.cookies import FORM_COOKIE, cookie
from parley.kernel.http.csrf import page_token
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_token
from parley.kernel.text.html import linked
from parley.kernel.text.sizes import human_size
from parley.web.formats import (
    ago,
    clock_time,
    color_class,
    count_of,
    initials,
    local_time,
    past,
)
from parley.web.fragments import Fragments
from parley.web.guards import CSRF_FIELD, form_seed
from parley.web.icons import icon
from parley.web.static_files import asset_url

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
LEAST_COMPRESSED, MOST_COMPRESSED = 1000, 1024 * 1024
"""Bytes. Less finds room in one packet of the network either way, and more would hold up all other requests."""
LEVEL = 6
"""Of gzip: what zlib takes by itself."""
URL_LETTERS = "/?#[]@!$&'()*+,;=:%-._~"
"""What may stand in a URL as it is, beside letters and digits (RFC 3986)."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Vary": "HX-Request, Accept-Encoding",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Shell(msgspec.Struct, frozen=True, kw_only=True):
    """What every template may use as `shell`."""

    principal: Principal | None
    project: Project | None
    path: str
    csrf_token: str
    csrf_input: Markup
    now: datetime
    timezone: str
    is_owner: bool
    is_admin: bool
    """Both of the organization that has the project; owners are admins, too."""


def add_filters(environment: Environment) -> Environment:
    """Give an environment the filters and functions that the templates use."""
    # Functions, not macros: a page imports those once for each of its parts.
    environment.globals.update(asset_url=asset_url, fragment=Fragments(environment), icon=icon, csrf=_csrf)
    environment.filters |= {
        "ago": _ago,
        "past": _past,
        "local_time": _local_time,
        "only_here": _only_here,
        "local_time_in": local_time,
        "linked": linked,
        "file_size": human_size,
        "initials": initials,
        "count_of": count_of,
        "clock_time": clock_time,
        "color_class": color_class,
    }
    return environment


@pass_context
def _csrf(context: Context) -> Markup:
    """Return the hidden field without which no form is accepted."""
    shell: Shell = context["shell"]
    return shell.csrf_input


@pass_context
def _ago(context: Context, at: datetime) -> str:
    return ago(at, context["shell"].now)


@pass_context
def _past(context: Context, at: datetime) -> str:
    return past(at, context["shell"].now)


def _only_here(url: str) -> bool:
    """Say whether an address means another machine to everybody else."""
    return is_this_machine(urlsplit(url).hostname or "")


@pass_context
def _local_time(context: Context, at: datetime) -> str:
    return local_time(at, context["shell"].timezone)


def page(
    request: ParleyRequest,
    template: str,
    context: msgspec.Struct | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cookies: list[Cookie] | None = None,
) -> Response[bytes]:
    """Render a page or a part of one, and compress it for who can read that.

    The fields of the context are the variables of the template.
    """
    seed, made = form_seed(request), list(cookies or ())
    if seed is None:
        seed = new_token()
        made.append(cookie(FORM_COOKIE, seed, request))
    environment: Environment = request.app.template_engine.engine  # type: ignore[union-attr]
    values = {name: getattr(context, name) for name in context.__struct_fields__} if context else {}
    html = environment.get_template(template).render(values, shell=_shell(request, seed))
    body, sent = html.encode(), {**HEADERS, **(headers or {})}
    if LEAST_COMPRESSED <= len(body) <= MOST_COMPRESSED and request.accepts_gzip:
        body, sent["Content-Encoding"] = gzip.compress(body, LEVEL, mtime=0), "gzip"
    return Response(body, media_type="text/html", status_code=status, headers=sent, cookies=made)


def _shell(request: ParleyRequest, seed: str) -> Shell:
    actor = request.state.get("actor")
    project: Project | None = actor.project if actor else None
    token = page_token(request.app.state.services.vault, seed)
    return Shell(
        principal=request.state.get("principal"),
        project=project,
        path=request.scope["path"],
        csrf_token=token,
        csrf_input=Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token),
        now=request.app.state.services.clock.now(),
        timezone=project.timezone if project else "UTC",
        is_owner=actor is not None and actor.level == OWNER,
        is_admin=actor is not None and actor.level >= ADMIN,
    )


def redirect(
    to: str, *, cookies: list[Cookie] | None = None, headers: dict[str, str] | None = None
) -> Response[Any]:
    """Send the browser to a path of this site, with GET; what a header can't hold is percent-encoded."""
    return Response(
        None,
        status_code=303,
        media_type="text/plain",
        headers={"Location": quote(to, safe=URL_LETTERS), "Cache-Control": "no-store", **(headers or {})},
        cookies=cookies or [],
    )
