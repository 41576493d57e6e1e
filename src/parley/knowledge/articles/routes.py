"""The API of articles (docs/articles.md)."""

from typing import Any, get_args

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented
from parley.knowledge.articles import actions
from parley.knowledge.articles.queries import ArticleFilters, article_by_key, article_page
from parley.knowledge.articles.rules import State
from parley.knowledge.articles.schemas import ArticleOut, ArticlePatch, NewArticle

ARTICLES = "/api/projects/{project_id:str}/conversations/articles"
ARTICLE = ARTICLES + "/{article_id:str}"
QUERY = [
    Query("state", "Only drafts, or only published articles.", State),
    Query("search", "Only articles whose title, tags or content have every word of this."),
]


@get(ARTICLES, guards=[needs("ticket:read")], opt=documented(query=QUERY))
async def list_articles(request: ParleyRequest, db: DbDependency, actor: ActorDependency) -> Page[ArticleOut]:
    """List the articles of the project, drafts included, by title."""
    asked, query = page_request(request), request.query_params
    state: Any = query.get("state") if query.get("state") in get_args(State) else None
    filters = ArticleFilters(state=state, search=query.get("search"))
    count, found = await article_page(db, actor, filters, asked)
    return page_of(request, asked, count, found)


@post(ARTICLES, guards=[needs("ticket:write")])
async def create_article(
    data: JSONBody[NewArticle], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> ArticleOut:
    """Write an article, as a draft unless `state` is `published`."""
    return await actions.create_article(db, services, actor, data)


@get(ARTICLE, guards=[needs("ticket:read")])
async def show_article(article_id: FromPath[str], db: DbDependency, actor: ActorDependency) -> ArticleOut:
    """Show one article, by its id or its slug."""
    return await article_by_key(db, actor, article_id)


@patch(ARTICLE, guards=[needs("ticket:write")])
async def change_article(
    article_id: FromPath[str],
    data: JSONBody[ArticlePatch],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> ArticleOut:
    """Change the fields that the body has; `state` publishes an article or takes it back."""
    return await actions.change_article(db, services, actor, article_id, data)


@delete(ARTICLE, guards=[needs("ticket:write")])
async def delete_article(
    article_id: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> None:
    """Delete an article for everybody."""
    await actions.delete_article(db, services, actor, article_id)


handlers: list[Any] = [list_articles, create_article, show_article, change_article, delete_article]
