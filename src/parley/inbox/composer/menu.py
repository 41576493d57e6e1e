"""The menu of what can be put into the form: quick actions, published articles, and a suggested reply."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from parley.conversations.quick_actions.queries import QuickActionLine, quick_action_lines
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.forms import folded
from parley.kernel.text.search_terms import MAX_SEARCH, parts_of
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.articles.queries import ArticleFilters, article_page
from parley.knowledge.articles.schemas import ArticleOut

MOST_READ = 1000
"""So many quick actions of a project are looked through, the first ones by name."""
MOST_QUICK_ACTIONS, MOST_ARTICLES, MOST_IN_SELECT = 30, 10, 200
LOOKED_AT, EXCERPT = 600, 120
"""Letters of a text that are looked through, and that are shown."""
SETS = {"status": "status", "priority": "priority", "tags": "tags", "assignee": "assignee"}


class MenuOption(msgspec.Struct, frozen=True):
    """Something to put into the form; `value` is `quick_action:<short id>`, `article:<id>` or `suggestion`."""

    value: str
    name: str
    about: str = ""
    sets: str = ""  # which fields of the ticket it sets


class MenuGroup(msgspec.Struct, frozen=True):
    """Options of one kind."""

    name: str
    options: Sequence[MenuOption]


SUGGESTION = MenuOption(
    "suggestion", "Suggest a reply", "From what your team has answered and written before"
)


async def menu_of(
    services: Services,
    actor: Actor,
    search: str = "",
    *,
    most_quick_actions: int = MOST_QUICK_ACTIONS,
    most_articles: int = MOST_ARTICLES,
) -> list[MenuGroup]:
    """Return what has every word of the search, groups without any left out."""
    parts = parts_of(search[:MAX_SEARCH])
    lines = await quick_action_lines(services.database, actor, most=MOST_READ, length=LOOKED_AT)
    filters = ArticleFilters(state="published", search=search[:MAX_SEARCH])
    async with services.database.transaction(write=False) as db:
        _, articles = await article_page(db, actor, filters, PageRequest(limit=most_articles))
    groups = [
        MenuGroup("Quick actions", _quick_actions(lines, parts)[:most_quick_actions]),
        MenuGroup("Articles", [_article(one) for one in articles]),
        MenuGroup("Suggested reply", [SUGGESTION] if _has(parts, SUGGESTION.name) else []),
    ]
    return [group for group in groups if group.options]


def _quick_actions(lines: Iterable[QuickActionLine], parts: Sequence[str]) -> list[MenuOption]:
    """Return those that have the words, first those that have them in their names."""
    found = [one for one in lines if _has(parts, f"{one.name} {one.description} {one.content}")]
    found.sort(key=lambda one: not _has(parts, one.name))
    return [
        MenuOption(
            f"quick_action:{one.short_id}",
            one.name,
            _excerpt(one.description or one.content),
            _sets(one.actions),
        )
        for one in found
    ]


def _has(parts: Iterable[str], text: str) -> bool:
    words = folded(text)
    return all(part in words for part in parts)


def _sets(actions: Any) -> str:
    given = actions if isinstance(actions, dict) else {}
    return ", ".join(name for key, name in SETS.items() if given.get(key))


def _article(article: ArticleOut) -> MenuOption:
    sections = sections_of(article.content[:LOOKED_AT])
    return MenuOption(f"article:{article.id}", article.title, _excerpt(sections[0].text if sections else ""))


def _excerpt(text: str) -> str:
    return shortened(" ".join(text.split()), EXCERPT)
