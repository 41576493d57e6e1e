"""Saved views, made and changed beside the list that they are of."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.saved_views import actions
from parley.conversations.saved_views.queries import view_by_short_id
from parley.conversations.saved_views.rules import Visibility
from parley.conversations.saved_views.schemas import NewView, ViewPatch
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.view_filters import filters_of_list
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import page_session
from parley.web.rendering import redirect

ViewName = Annotated[str, Meta(max_length=1000, extra=TRIM)]


class NewViewForm(msgspec.Struct, frozen=True):
    """The form that saves the list as a view."""

    name: ViewName = ""
    visibility: Visibility = "shared"


class ViewForm(msgspec.Struct, frozen=True):
    """The small forms of a view; each sends one of these fields."""

    name: ViewName | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    is_favorited: Literal["yes", "no"] | UnsetType = UNSET
    filters: Literal["these"] | UnsetType = UNSET


@post("/inbox/views", guards=[page_session], include_in_schema=False)
async def save_view(
    request: ParleyRequest, data: JSONBody[NewViewForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Save the list of the address as a view, and show it."""
    filters = filters_of_list(ListAddress.of(request.query_params), {})
    new = read(NewView, {"name": data.name, "visibility": data.visibility, "filters": filters})
    async with services.database.transaction() as db:
        made = await actions.save_view(db, services, actor, new)
    return _shown(made.short_id)


@post("/inbox/views/{short_id:str}", guards=[page_session], include_in_schema=False)
async def change_view(
    request: ParleyRequest,
    short_id: FromPath[str],
    data: JSONBody[ViewForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Rename a view, share it or keep it to oneself, make it a favourite, or give it the filters of the address."""
    given = {name: value for name in ("name", "visibility") if (value := getattr(data, name)) is not UNSET}
    if data.is_favorited is not UNSET:
        given["is_favorited"] = data.is_favorited == "yes"
    async with services.database.transaction() as db:
        if data.filters is not UNSET:
            before = await view_by_short_id(db, actor, short_id)
            given["filters"] = filters_of_list(ListAddress.of(request.query_params), before.filters)
        await actions.change_view(db, actor, short_id, read(ViewPatch, given))
    return _shown(short_id)


@post("/inbox/views/{short_id:str}/delete", guards=[page_session], include_in_schema=False)
async def delete_view(
    short_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a view for everybody."""
    async with services.database.transaction() as db:
        await actions.delete_view(db, actor, short_id)
    return redirect("/inbox")


def _shown(short_id: str) -> Response[Any]:
    return redirect(f"/inbox{ListAddress(view=short_id).query}")


handlers = [save_view, change_view, delete_view]
