"""The menu of what can be put into the form: quick actions, published articles, and a suggested reply."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from parley.conversations.quick_actions.queries import QuickActionLine, quick_action_lines
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.database.database import Database
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.services import Services
from parley.kernel.text.forms import folded
from parley.kernel.text.search_terms import MAX_SEARCH, parts_of
from parley.knowledge.articles.plain_text import sections_of
from parley.knowledge.articles.queries import ArticleFilters, article_page
from parley.knowledge.articles.schemas import ArticleOut

READ_AT_ONCE, MOST_READ = 1000, 5000
"""So many quick actions of a project are read and looked through, before the next ones by name are."""
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
    has_text: bool = True


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
    has_ticket: bool = True,
) -> list[MenuGroup]:
    """Return what has every word of the search, groups without any left out.

    Before there is a ticket, nothing is suggested, and quick actions without a text can do nothing.
    """
    parts = parts_of(search[:MAX_SEARCH])
    filters = ArticleFilters(state="published", search=search[:MAX_SEARCH])
    async with services.database.transaction(write=False) as db:
        _, articles = await article_page(db, actor, filters, PageRequest(limit=most_articles))
    found = await _quick_actions(services.database, actor, parts, most_quick_actions)
    groups = [
        MenuGroup("Quick actions", [one for one in found if has_ticket or one.has_text]),
        MenuGroup("Articles", [_article(one) for one in articles]),
        MenuGroup("Suggested reply", [SUGGESTION] if has_ticket and _has(parts, SUGGESTION.name) else []),
    ]
    return [group for group in groups if group.options]


async def _quick_actions(
    database: Database, actor: Actor, parts: Sequence[str], most: int
) -> list[MenuOption]:
    """Return those that have the words, first those that have them in their names; both by name."""
    named: list[QuickActionLine] = []
    others: list[QuickActionLine] = []
    for n_read in range(0, MOST_READ, READ_AT_ONCE):
        lines = await quick_action_lines(database, actor, most=READ_AT_ONCE, length=LOOKED_AT, offset=n_read)
        named += [one for one in lines if _has(parts, one.name)]
        others += [
            one
            for one in lines
            if not _has(parts, one.name) and _has(parts, f"{one.name} {one.description} {one.content}")
        ]
        if len(lines) < READ_AT_ONCE or len(named) >= most:
            break
    return [
        MenuOption(
            f"quick_action:{one.short_id}",
            one.name,
            _excerpt(one.description or one.content),
            _sets(one.actions),
            has_text=bool(one.content.strip()),
        )
        for one in [*named, *others][:most]
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
