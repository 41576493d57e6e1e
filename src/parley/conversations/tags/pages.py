"""The pages on which tags are looked through, renamed, merged and deleted."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.accounts.access_levels.queries.levels import check_manages_all
from parley.accounts.access_levels.queries.visibility import sees_any_ticket
from parley.conversations.tags import actions
from parley.conversations.tags.errors import TagExists, TagsBusy
from parley.conversations.tags.queries import counted_tags, page_of_tags
from parley.conversations.tags.schemas import TagChangeOut, TagOut, TagRename
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import read
from parley.kernel.http.paging import page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.forms import normal_tag
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/tags"
MOST_SHOWN = 100
NOTICES = {
    "renamed": "The tag is renamed.",
    "deleted": "The tag is deleted.",
    "started": "The first conversations are changed. The others follow within minutes, and show on this page as they do.",
}


class TagsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `tags/tags.html`; `count` is how many tags there are, `offset` how many come before those shown."""

    tags: Sequence[TagOut]
    count: int
    offset: int
    step: int
    search: str
    may_change: bool
    notice: str | None


class TagPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `tags/tag.html`; `other` is the tag that has the new name already, if it is to be merged into it."""

    tag: TagOut
    to: str
    other: TagOut | None = None
    problem: str | None = None


class RenameForm(msgspec.Struct, frozen=True):
    """A tag and its new name; `merge` is "yes" from the form that says that both tags become one."""

    name: str = ""
    to: str = ""
    merge: str = ""


class DeleteForm(msgspec.Struct, frozen=True):
    """A tag to delete."""

    name: str = ""


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_tags_of_project(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the tags by name, with how many conversations have each."""
    asked = page_request(request, default=MOST_SHOWN, most=MOST_SHOWN)
    search = request.query_params.get("search", "")
    shown = page_of_tags(services.database, actor, search, asked) if sees_any_ticket(actor) else None
    count, found = await shown if shown else (0, [])
    context = TagsPage(
        tags=found,
        count=count,
        offset=asked.offset,
        step=asked.limit,
        search=search,
        may_change=await _may_change(services, actor),
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "tags/tags.html", context)


@get(f"{PATH}/tag", guards=[page_session], include_in_schema=False)
async def show_tag(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the forms that rename and delete one tag; the list, where none is named."""
    if not request.query_params.get("name"):
        return redirect(PATH)
    tag = await _found(services, actor, request.query_params.get("name", ""))
    return page(request, "tags/tag.html", TagPage(tag=tag, to=tag.name))


@post(f"{PATH}/rename", guards=[page_session], include_in_schema=False)
async def rename_tag_of_project(
    request: ParleyRequest, data: JSONBody[RenameForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Rename a tag; onto the name of another one, ask first whether both are to become one."""
    tag = await _found(services, actor, data.name)
    try:
        wanted = read(TagRename, {"name": data.name, "to": data.to, "merge": data.merge == "yes"})
        async with services.database.transaction() as db:
            done = await actions.rename_tag(db, services, actor, wanted)
    except TagExists:
        other = await _found(services, actor, data.to)
        return page(request, "tags/tag.html", TagPage(tag=tag, to=data.to, other=other), status=409)
    except (Invalid, TagsBusy) as error:
        shown = TagPage(tag=tag, to=data.to, problem=_problem(error))
        return page(request, "tags/tag.html", shown, status=422)
    return _back(done, "renamed")


@post(f"{PATH}/delete", guards=[page_session], include_in_schema=False)
async def delete_tag_of_project(
    request: ParleyRequest, data: JSONBody[DeleteForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Take a tag from all conversations."""
    tag = await _found(services, actor, data.name)
    try:
        async with services.database.transaction() as db:
            done = await actions.delete_tag(db, services, actor, data.name)
    except TagsBusy as error:
        shown = TagPage(tag=tag, to=tag.name, problem=error.detail)
        return page(request, "tags/tag.html", shown, status=422)
    return _back(done, "deleted")


async def _may_change(services: Services, actor: Actor) -> bool:
    try:
        await check_manages_all(services.database, actor)
    except PermissionDenied:
        return False
    return True


async def _found(services: Services, actor: Actor, name: str) -> TagOut:
    await check_manages_all(services.database, actor)
    found = await counted_tags(services.database, actor, [normal_tag(name)])
    if not found:
        raise NotFound("No conversation has this tag any more.")
    return found[0]


def _problem(error: Invalid | TagsBusy) -> str:
    return "Enter the new name." if error.code == "blank" else error.detail


def _back(done: TagChangeOut, notice: str) -> Response[Any]:
    return redirect(f"{PATH}?notice={notice if done.is_done else 'started'}")


handlers = [show_tags_of_project, show_tag, rename_tag_of_project, delete_tag_of_project]
