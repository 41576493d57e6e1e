"""How somebody likes their inbox: dense or roomy, and what comes after resolving."""

from typing import Any, Literal

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from parley.inbox.inbox_page.preferences import kept_by, preferences_of
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import HOME, page_of_form, page_session
from parley.web.rendering import redirect


class PreferencesForm(msgspec.Struct, frozen=True):
    """The small forms; each sends one of these fields."""

    density: Literal["roomy", "compact"] | UnsetType = UNSET
    rail: Literal["wide", "narrow"] | UnsetType = UNSET
    after_resolving: Literal["next", "stay"] | UnsetType = UNSET


@post("/inbox/preferences", guards=[page_session], include_in_schema=False)
async def keep_preferences(request: ParleyRequest, data: JSONBody[PreferencesForm]) -> Response[Any]:
    """Keep what is chosen in this browser, and show the page that it was chosen on."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    chosen = msgspec.structs.replace(preferences_of(request), **given)
    before = page_of_form(request)
    return redirect(before if before.startswith(HOME) else HOME, cookies=[kept_by(request, chosen)])


handlers = [keep_preferences]
