"""The page that asks for a code, once the first step was taken."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.accounts.sign_in.second_step import take_second_step
from parley.accounts.sign_in.step_cookies import SECOND_STEP
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import Invalid, Throttled
from parley.kernel.http.cookies import SESSION_COOKIE, STEP_COOKIE, cookie, cookie_value, session_cookies
from parley.kernel.http.request import ParleyRequest
from parley.web.error_pages import problem_of
from parley.web.guards import HOME, local_path, page_public
from parley.web.rendering import page, redirect

PROBLEMS = {
    "2fa_invalid": "This code is wrong, or was used already. Take the one that is shown now.",
    "2fa_expired": "This sign-in took too long, or had too many tries. Please sign in again.",
}


class CodeForm(msgspec.Struct, frozen=True):
    """The code."""

    token: str = ""
    next: str = ""


class SecondStepPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sign_in/second_step.html`; with `is_over` only signing in again is left."""

    next: str = HOME
    problem: str | None = None
    is_over: bool = False


@get(SECOND_STEP, guards=[page_public], include_in_schema=False)
async def show_second_step(request: ParleyRequest) -> Response[Any]:
    """Ask for the code; without a sign-in that waits for one there is only the way to the first step."""
    to = local_path(request.query_params.get("next"))
    if not cookie_value(request, STEP_COOKIE):
        return redirect(f"/login?next={to}" if to != HOME else "/login")
    return page(request, "sign_in/second_step.html", SecondStepPage(next=to))


@post(SECOND_STEP, guards=[page_public], include_in_schema=False)
async def take_code(
    request: ParleyRequest, data: JSONBody[CodeForm], services: ServicesDependency
) -> Response[Any]:
    """Sign in by the code, or show what is wrong with it."""
    to = local_path(data.next)
    try:
        opened = await take_second_step(
            services,
            step_token=cookie_value(request, STEP_COOKIE),
            code=data.token[:100],
            address=request.client_address,
            old_token=cookie_value(request, SESSION_COOKIE),
        )
    except (Invalid, Throttled) as error:
        problem = PROBLEMS.get(error.code, problem_of(error))
        shown = SecondStepPage(next=to, problem=problem, is_over=error.code == "2fa_expired")
        status = 429 if isinstance(error, Throttled) else 422
        return page(request, "sign_in/second_step.html", shown, status=status, headers=error.headers)
    over = cookie(STEP_COOKIE, "", request, lasts_s=0)
    return redirect(to, cookies=[*session_cookies(request, opened), over])


handlers: list[Any] = [show_second_step, take_code]
