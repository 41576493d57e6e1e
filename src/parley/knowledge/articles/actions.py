"""Writing, changing and deleting articles. Each change is logged, and told to whoever keeps an index of articles."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, structs
from sqlalchemy import delete, insert, update

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import check_may_share
from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.jobs import emit
from parley.kernel.services import Services
from parley.knowledge.articles.queries import article_by_key, is_slug_taken
from parley.knowledge.articles.rules import SLUG_TAKEN, searched_words, slug_of
from parley.knowledge.articles.schemas import ArticleOut, ArticlePatch, NewArticle
from parley.knowledge.articles.tables import article

CHANGED = "article.changed"
"""The event after any change of an article, its deletion included: `{article_id}`."""
TURN = 0x6172
"""The number under which those who give a slug in one project wait for each other (`take_turn`)."""
SCOPE = "Article"
LOGGED = ("title", "slug", "state", "tags")
"""The fields whose values the log keeps; of the content it says only that it changed."""


async def create_article(db: Db, services: Services, actor: Actor, new: NewArticle) -> ArticleOut:
    """Write an article; raises Invalid and PermissionDenied."""
    check_may_share(default_level(actor), "write an article")
    await take_turn(db, TURN, actor.project_id)
    id, now, tags = new_uuid(), services.clock.now(), checked_tags(new.tags, "tags")
    slug = new.slug if new.slug is not UNSET else await _free_slug(db, actor.project_id, new.title)
    await _check_slug(db, actor.project_id, slug)
    values = structs.asdict(new) | {"slug": slug, "tags": tags}
    await db.execute(
        insert(article).values(
            **values,
            words=searched_words(new.title, tags, new.content),
            project_id=actor.project_id,
            id=id,
            created_by=actor.user_id,
            created_at=now,
            updated_at=now,
            published_at=now if new.state == "published" else None,
        )
    )
    made = await article_by_key(db, actor, str(id))
    await _tell(db, services, actor, made, "created")
    return made


async def change_article(
    db: Db, services: Services, actor: Actor, key: str, patch: ArticlePatch
) -> ArticleOut:
    """Change what the patch names; raises NotFound, Invalid and PermissionDenied."""
    check_may_share(default_level(actor), "change an article")
    before = await article_by_key(db, actor, key, is_held=True)
    given = patched_fields(patch)
    if "tags" in given:
        given["tags"] = checked_tags(given["tags"], "tags")
    changed = {name: value for name, value in given.items() if value != getattr(before, name)}
    if not changed:
        return before
    if "slug" in changed:
        await take_turn(db, TURN, actor.project_id)
        await _check_slug(db, actor.project_id, changed["slug"])
    now = services.clock.now()
    published = {"published_at": now} if changed.get("state") == "published" else {}
    after = structs.replace(before, **changed)
    words = searched_words(after.title, after.tags, after.content)
    await db.execute(
        update(article)
        .where(article.c.project_id == actor.project_id, article.c.id == before.id)
        .values(**changed, **published, words=words, updated_at=now)
    )
    stored = await article_by_key(db, actor, str(before.id))
    await _tell(db, services, actor, stored, "updated", _changes(before, changed))
    return stored


async def delete_article(db: Db, services: Services, actor: Actor, key: str) -> None:
    """Delete an article for everybody; raises NotFound and PermissionDenied."""
    check_may_share(default_level(actor), "delete an article")
    found = await article_by_key(db, actor, key, is_held=True)
    await db.execute(
        delete(article).where(article.c.project_id == actor.project_id, article.c.id == found.id)
    )
    await _tell(db, services, actor, found, "deleted")


async def _free_slug(db: Db, project_id: int, title: str) -> str:
    slug = slug_of(title)
    return f"{slug}-{new_token(length=6).lower()}" if await is_slug_taken(db, project_id, slug) else slug


async def _check_slug(db: Db, project_id: int, slug: str) -> None:
    """Raise Invalid for a slug that is taken."""
    if await is_slug_taken(db, project_id, slug):
        raise Invalid(SLUG_TAKEN, code="unique", attr="slug")


def _changes(before: ArticleOut, changed: Mapping[str, Any]) -> list[Change]:
    return [
        Change(
            type=SCOPE,
            action="changed",
            field=name,
            before=getattr(before, name) if name in LOGGED else None,
            after=value if name in LOGGED else None,
        )
        for name, value in changed.items()
    ]


async def _tell(
    db: Db, services: Services, actor: Actor, about: ArticleOut, activity: str, changes: Sequence[Change] = ()
) -> None:
    """Log what was done, and let those know who keep an index."""
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(about.id),
        detail=Detail(name=about.title, changes=changes),
        created_at=services.clock.now(),
    )
    await record(db, entry)
    await emit(db, CHANGED, {"article_id": str(about.id)}, project_id=actor.project_id)
