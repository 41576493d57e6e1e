"""The pages on which the team writes articles."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from markupsafe import Markup
from msgspec import Meta

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import is_at_least
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.text.markdown import html_of
from parley.knowledge.articles import actions
from parley.knowledge.articles.queries import ArticleFilters, article_by_key, article_page
from parley.knowledge.articles.rules import MAX_CONTENT
from parley.knowledge.articles.schemas import ArticleOut, ArticlePatch, NewArticle
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/articles"
MOST_SHOWN = 200
NOTICES = {
    "saved": "Saved as a draft. Only your team sees it.",
    "published": "Published. Suggested replies use it from now on.",
    "deleted": "The article is deleted.",
}


class ArticleForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form. `then` is the button: `draft` or `published`."""

    title: Annotated[str, Meta(extra=TRIM)] = ""
    tags: Annotated[str, Meta(extra=TRIM)] = ""  # apart by commas
    content: str = ""
    then: str = "draft"


class ArticlesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `articles/articles.html`; `count` is how many match, of which the first are shown."""

    articles: Sequence[ArticleOut]
    count: int
    search: str
    may_change: bool
    notice: str | None


class ArticlePage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `articles/article.html`; `article` is None for a new one, `html` what the stored content looks like."""

    article: ArticleOut | None
    form: ArticleForm
    html: Markup
    may_change: bool
    most: int = MAX_CONTENT
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


def _may_change(actor: Actor) -> bool:
    return is_at_least(default_level(actor), "editor")


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_articles(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the articles by title, or those that a search finds."""
    search = request.query_params.get("search", "")
    async with services.database.transaction(write=False) as db:
        asked = PageRequest(limit=MOST_SHOWN)
        count, found = await article_page(db, actor, ArticleFilters(search=search), asked)
    context = ArticlesPage(
        articles=found,
        count=count,
        search=search,
        may_change=_may_change(actor),
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "articles/articles.html", context)


@get(f"{PATH}/new", guards=[page_session], include_in_schema=False)
async def show_new_article(request: ParleyRequest, actor: ActorDependency) -> Response[Any]:
    """Show an empty form."""
    context = ArticlePage(article=None, form=ArticleForm(), html=Markup(), may_change=_may_change(actor))
    return page(request, "articles/article.html", context)


@post(f"{PATH}/new", guards=[page_session], include_in_schema=False)
async def write_article(
    request: ParleyRequest, data: JSONBody[ArticleForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Store a new article, or show the form with the problem."""
    try:
        new = read(NewArticle, _fields(data))
        async with services.database.transaction() as db:
            made = await actions.create_article(db, services, actor, new)
    except Invalid as error:
        return await _refused(request, actor, None, data, error)
    return redirect(f"{PATH}/{made.id}?notice={'published' if made.state == 'published' else 'saved'}")


@get(f"{PATH}/{{article_id:str}}", guards=[page_session], include_in_schema=False)
async def show_one_article(
    request: ParleyRequest, article_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show an article as it reads, and the form that changes it."""
    found = await _article(services, actor, article_id)
    form = ArticleForm(title=found.title, tags=", ".join(found.tags), content=found.content)
    context = ArticlePage(
        article=found,
        form=form,
        html=await asyncio.to_thread(html_of, found.content),
        may_change=_may_change(actor),
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "articles/article.html", context)


@post(f"{PATH}/{{article_id:str}}", guards=[page_session], include_in_schema=False)
async def save_article(
    request: ParleyRequest,
    article_id: FromPath[str],
    data: JSONBody[ArticleForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Store the form, as a draft or published, or show it with the problem."""
    try:
        patch = read(ArticlePatch, _fields(data))
        async with services.database.transaction() as db:
            stored = await actions.change_article(db, services, actor, article_id, patch)
    except Invalid as error:
        found = await _article(services, actor, article_id)
        return await _refused(request, actor, found, data, error)
    return redirect(f"{PATH}/{stored.id}?notice={'published' if stored.state == 'published' else 'saved'}")


@post(f"{PATH}/{{article_id:str}}/delete", guards=[page_session], include_in_schema=False)
async def remove_article(
    article_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete an article."""
    async with services.database.transaction() as db:
        await actions.delete_article(db, services, actor, article_id)
    return redirect(f"{PATH}?notice=deleted")


async def _article(services: Services, actor: Actor, key: str) -> ArticleOut:
    async with services.database.transaction(write=False) as db:
        return await article_by_key(db, actor, key)


def _fields(form: ArticleForm) -> dict[str, Any]:
    tags = [tag.strip() for tag in form.tags.split(",") if tag.strip()]
    return {"title": form.title, "content": form.content, "tags": tags, "state": form.then}


async def _refused(
    request: ParleyRequest, actor: Actor, found: ArticleOut | None, form: ArticleForm, error: Invalid
) -> Response[Any]:
    at = (error.attr or "").split("__")[0]
    context = ArticlePage(
        article=found,
        form=form,
        html=await asyncio.to_thread(html_of, found.content) if found else Markup(),
        may_change=_may_change(actor),
        problem="Give the article a title." if error.code == "blank" and at == "title" else error.detail,
        at=at,
    )
    return page(request, "articles/article.html", context, status=422)


handlers = [show_articles, show_new_article, write_article, show_one_article, save_article, remove_article]
