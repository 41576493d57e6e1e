"""Lists of LinkedIn, read to their end."""

from collections.abc import Callable
from typing import Any

from parley.integrations.connections.actions.renewing import used
from parley.integrations.connections.errors import UpstreamFailed
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.queries.integrations import number_or_not_found
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.upstream import Upstream, UpstreamCalls, UpstreamRequest, calls_to
from parley.integrations.linkedin_ads.rules import KIND_NAME, MOST_PAGES, PAGE_SIZE
from parley.integrations.linkedin_ads.schemas import LinkedInElement, LinkedInPage
from parley.kernel.config.settings import Settings
from parley.kernel.services import Services

MakePath = Callable[..., str]


def linkedin(settings: Settings) -> Upstream:
    """Return LinkedIn's API."""
    return Upstream("LinkedIn", settings.linkedin_api_url)


def headers_for(settings: Settings, one: Connected) -> dict[str, str]:
    """Return the headers of a call for a connected account."""
    return {
        "Authorization": f"Bearer {one.secrets.get('access_token', '')}",
        "Content-Type": "application/json",
        "LinkedIn-Version": settings.linkedin_version,
    }


async def linkedin_account(services: Services, project_id: int, integration_id: str) -> Connected:
    """Return a connected LinkedIn account by its number in a path; raises NotFound and WrongKind."""
    async with services.database.transaction(write=False) as db:
        id = number_or_not_found(integration_id)
        return await connected(db, services.vault, project_id, id, KIND_NAME)


async def elements_of(services: Services, one: Connected, path: MakePath) -> list[LinkedInElement]:
    """Return everything in a list of LinkedIn; raises TokenNotRefreshed, and as calls do."""

    async def read(account: Connected) -> list[LinkedInElement]:
        async with calls_to(services, linkedin(services.settings), one.project_id) as calls:
            return await _all_pages(calls, headers_for(services.settings, account), path)

    return await used(services, one, read)


async def _all_pages(calls: UpstreamCalls, headers: dict[str, str], path: MakePath) -> list[LinkedInElement]:
    """Read pages by token where LinkedIn gives one, else by `start` and `count`, until one is the last."""
    found: dict[int, LinkedInElement] = {}
    page: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = await calls.json(UpstreamRequest(path=path(**page), headers=headers), LinkedInPage)
        n_before = len(found)
        found |= {one.id: one for one in answer.elements if one.id not in found}
        following = _next(answer, page)
        if following is None or (answer.elements and len(found) == n_before):
            return list(found.values())  # the last one, or one that was there before
        page = following
    raise UpstreamFailed(f"LinkedIn has more than {MOST_PAGES} pages of this. Parley does not read so many.")


def _next(answer: LinkedInPage, asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return what names the next page, None after the last one."""
    token = answer.metadata.nextPageToken if answer.metadata else None
    if token and token != asked.get("pageToken"):
        return {"pageToken": token}
    paging = answer.paging
    if token or paging is None or not answer.elements:
        return None
    behind = int(asked.get("start", 0)) + len(answer.elements)
    is_full = paging.count > 0 and len(answer.elements) >= paging.count
    has_more = behind < paging.total if paging.total is not None else is_full
    return {"start": behind, "count": PAGE_SIZE} if has_more else None
