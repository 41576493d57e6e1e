"""Articles of a project."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.text.search_terms import MAX_SEARCH, holds, parts_of
from parley.knowledge.articles.rules import State
from parley.knowledge.articles.schemas import ArticleOut
from parley.knowledge.articles.tables import article

_ARTICLE = StructColumns(ArticleOut, article, created_by=USER.or_none())
_SHOWN: Select[Any] = (
    select(*_ARTICLE.columns)
    .select_from(article)
    .outerjoin(user_account, user_account.c.id == article.c.created_by)
)


class ArticleFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; None narrows nothing."""

    state: State | None = None
    search: str | None = None


async def article_by_key(db: Db, actor: Actor, key: str, *, is_held: bool = False) -> ArticleOut:
    """Return an article by its id (primary key) or its slug (unique key); raises NotFound.

    With `is_held` nobody else can change or delete it until the transaction ends.
    """
    found = _SHOWN.where(article.c.project_id == actor.project_id, _is_named(key))
    if is_held:
        found = found.with_for_update(of=article)
    row = (await db.execute(found)).first()
    if row is None:
        raise NotFound
    return _ARTICLE(row)


def _is_named(key: str) -> ColumnElement[bool]:
    id, is_slug = uuid_or_none(key), article.c.slug == key
    return is_slug if id is None else or_(article.c.id == id, is_slug)


async def is_slug_taken(db: Db, project_id: int, slug: str) -> bool:
    """Say whether the project has an article of this slug (unique key)."""
    mine = (article.c.project_id == project_id, article.c.slug == slug)
    return (await db.execute(select(article.c.id).where(*mine))).first() is not None


async def article_page(
    db: Db, actor: Actor, filters: ArticleFilters, asked: PageRequest
) -> tuple[int, list[ArticleOut]]:
    """Return how many articles match, and a page of them by title (ix_article_title).

    A search looks at each article of the project.
    """
    matching = [article.c.project_id == actor.project_id, *_conditions(filters, db.dialect.name)]
    counted = select(func.count()).select_from(article).where(*matching)
    count = (await db.execute(counted)).scalar_one()
    page = _SHOWN.where(*matching).order_by(article.c.title, article.c.id)
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [_ARTICLE(row) for row in rows]


def _conditions(filters: ArticleFilters, dialect: str) -> list[ColumnElement[bool]]:
    conditions = [] if filters.state is None else [article.c.state == filters.state]
    if filters.search and len(filters.search) <= MAX_SEARCH:
        text = filters.search.replace("\x00", "\ufffd")  # PostgreSQL takes none, and no article has one
        conditions += [holds(article.c.words, part, dialect) for part in parts_of(text)]
    return conditions


class PublishedArticle(msgspec.Struct, frozen=True):
    """What is quoted of an article."""

    id: UUID
    title: str
    content: str
    tags: list[str]


_PUBLISHED = Prepared(
    select(*(article.c[name] for name in PublishedArticle.__struct_fields__)).where(
        article.c.project_id == bindparam("project_id"),
        is_one_of(article.c.id, listed("ids", article.c.id)),
        article.c.state == "published",
    )
)


async def published_articles(
    source: Db | Database, project_id: int, ids: Sequence[UUID]
) -> dict[UUID, PublishedArticle]:
    """Return those of the articles that are published (primary key)."""
    read = source.rows if isinstance(source, Db) else source.read
    rows = await read(_PUBLISHED, project_id=project_id, ids=list(ids)) if ids else ()
    return {row[0]: PublishedArticle(*row) for row in rows}
