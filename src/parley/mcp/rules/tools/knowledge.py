"""Tools for articles and quick actions: what the team has written down."""

from parley.mcp.rules.tools.tool import PROJECT, Tool

ARTICLES = f"{PROJECT}/conversations/articles"
ARTICLE = f"{ARTICLES}/{{article_id}}"
NAMES = {"article_id": "id"}
PAGE = "/settings/articles/{id}"
IN_LISTS = ("id", "slug", "title", "state", "tags", "created_at", "updated_at", "published_at")
TEAM = frozenset({"slug", "title", "content", "name", "description", "actions"})

TOOLS = (
    Tool(
        name="conversations-articles-list",
        title="List articles",
        about="List what the team has written down for customers, or what of it a search finds.",
        method="GET",
        path=ARTICLES,
        inputs=("state", "search", "limit", "offset"),
        shows=IN_LISTS,
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-articles-retrieve",
        title="Read an article",
        about="Show an article with its content, in Markdown.",
        method="GET",
        path=ARTICLE,
        names=NAMES,
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-articles-create",
        title="Write an article",
        about="Store a new article. It is a draft unless `state` is `published`.",
        method="POST",
        path=ARTICLES,
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-articles-update",
        title="Change an article",
        about="Change an article; `content` replaces the whole text.",
        method="PATCH",
        path=ARTICLE,
        names=NAMES,
        team=TEAM,
        link=PAGE,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-quick-actions-list",
        title="List quick actions",
        about="List the prepared answers of the team.",
        method="GET",
        path=f"{PROJECT}/conversations/quick_actions",
        inputs=("limit", "offset"),
        shows=("id", "short_id", "name", "description", "content", "actions", "visibility"),
        team=TEAM,
    ),
)
