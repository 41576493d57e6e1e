"""Comments (docs/tickets.md#comments). Those on tickets need the scopes of tickets."""

from datetime import UTC
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.conversations.files.attachments import context_with_links, file_links
from parley.conversations.messages.actions.comments import change_comment, post_comment
from parley.conversations.messages.queries.comments import (
    CommentCursor,
    CommentFilters,
    comment_by_id,
    comments_page,
)
from parley.conversations.messages.schemas import (
    CommentOut,
    CommentPage,
    CommentPatch,
    NewComment,
)
from parley.conversations.tickets.rules.comments import TICKET_SCOPES
from parley.conversations.tickets.rules.ids import uuid_of
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    PrincipalDependency,
    ServicesDependency,
)
from parley.kernel.errors import NotFound, PermissionDenied
from parley.kernel.http.authorization import Actor, Principal, needs
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import HEADER, REPLAYED
from parley.kernel.openapi.documented import Query, documented
from parley.kernel.services import Services
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor
from parley.kernel.text.search_terms import MAX_SEARCH

COMMENTS = "/api/projects/{project_id:str}/comments"
COMMENT = COMMENTS + "/{comment_id:str}"
QUERY = [
    Query(
        "scope", "The kind of thing that the comments are on; `conversations_ticket` for messages of tickets."
    ),
    Query("item_id", "The thing that the comments are on."),
    Query("search", "Only comments whose text holds this."),
    Query("source_comment", "Only answers to this comment.", UUID),
    Query("kind", "Only tasks, or only what isn't a task.", Literal["task", "comment"]),
    Query("completed", "Only tasks that are done, or that are not.", bool),
    Query("cursor", "Where the page begins, from `next` or `previous`."),
]


def check_scope(principal: Principal, scope: str, action: Literal["read", "write"]) -> None:
    """Raise PermissionDenied unless the caller's key is good for comments of this scope."""
    wanted = f"{'ticket' if scope in TICKET_SCOPES else 'comment'}:{action}"
    if not principal.has(wanted):
        raise PermissionDenied(f"API key missing required scope '{wanted}'")


@get(COMMENTS, guards=[needs("ticket:read", "comment:read")], opt=documented(query=QUERY))
async def list_comments(
    request: ParleyRequest,
    db: DbDependency,
    actor: ActorDependency,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> CommentPage:
    """List comments, newest first, a hundred at a time; narrow them by scope, item and more."""
    filters = _filters(request, principal)
    cursor = _cursor(request.query_params.get("cursor"))
    if filters is None:
        return CommentPage(None, None, [])
    found, has_more = await comments_page(db, actor, filters, cursor)
    is_back = cursor is not None and cursor.is_back
    older = has_more if not is_back else cursor is not None
    newer = has_more if is_back else cursor is not None
    return CommentPage(
        _url(request, found[-1], is_back=False) if found and older else None,
        _url(request, found[0], is_back=True) if found and newer else None,
        [_shown(services, actor, one) for one in found],
    )


@post(COMMENTS, guards=[needs("ticket:write", "comment:write")])
async def create_comment(
    request: ParleyRequest,
    data: JSONBody[NewComment],
    db: DbDependency,
    actor: ActorDependency,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Response[CommentOut]:
    """Post a comment; with scope `conversations_ticket` a reply to the customer or a private note."""
    check_scope(principal, data.scope, "write")
    has_key = HEADER in request.headers
    stored, is_new = await post_comment(db, services, actor, data, has_key=has_key)
    stored = _shown(services, actor, stored)
    return JsonResponse(stored, status_code=201, headers=None if is_new else REPLAYED)


@get(COMMENT, guards=[needs("ticket:read", "comment:read")])
async def show_comment(
    comment_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> CommentOut:
    """Show one comment."""
    found = await comment_by_id(db, actor, _id(comment_id))
    check_scope(principal, found.scope, "read")
    return _shown(services, actor, found)


@patch(COMMENT, guards=[needs("ticket:write", "comment:write")])
async def edit_comment(
    comment_id: FromPath[str],
    data: JSONBody[CommentPatch],
    db: DbDependency,
    actor: ActorDependency,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> CommentOut:
    """Edit one's own comment, or remove it with `deleted: true`."""
    found = await comment_by_id(db, actor, _id(comment_id), with_deleted=True)
    check_scope(principal, found.scope, "write")
    return _shown(services, actor, await change_comment(db, services, actor, found.id, data))


def _shown(services: Services, actor: Actor, found: CommentOut) -> CommentOut:
    """Return a comment with links to its files."""
    context = context_with_links(found.item_context, actor.project_id, file_links(services))
    return msgspec.structs.replace(found, item_context=context)


def _id(text: str) -> UUID:
    found = uuid_of(text)
    if found is None:
        raise NotFound
    return found


def _filters(request: ParleyRequest, principal: Principal) -> CommentFilters | None:
    """Read the filters; None where nothing can match. Raises PermissionDenied."""
    query = request.query_params
    scope, item_id, source = (
        query.get("scope") or None,
        query.get("item_id") or None,
        query.get("source_comment"),
    )
    check_scope(principal, scope or "", "read")
    text = query.get("search")
    if any("\x00" in value for value in (scope or "", item_id or "", text or "")):
        return None
    if source and uuid_of(source) is None:
        return None
    as_uuid = uuid_of(item_id) if scope in TICKET_SCOPES else None
    return CommentFilters(
        scope=scope,
        item_id=str(as_uuid) if as_uuid else item_id,
        search=text if text and len(text) <= MAX_SEARCH else None,
        source_comment=uuid_of(source),
        is_task={"task": True, "comment": False}.get(query.get("kind") or ""),
        is_completed={"true": True, "false": False}.get((query.get("completed") or "").lower()),
        with_tickets=principal.has("ticket:read"),
    )


def _cursor(text: str | None) -> CommentCursor | None:
    """Read where a page begins; what isn't ours begins at the newest."""
    cursor = decoded_cursor(text, CommentCursor)
    if cursor is None:
        return None
    try:
        return msgspec.structs.replace(cursor, created_at=cursor.created_at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _url(request: ParleyRequest, at: CommentOut, *, is_back: bool) -> str:
    return request.url_with({"cursor": encoded_cursor(CommentCursor(at.created_at, at.id, is_back))})


handlers: list[Any] = [list_comments, create_comment, show_comment, edit_comment]
