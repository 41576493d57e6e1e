"""Tools for saved views, and for what tickets are sorted by: tags and members."""

from parley.mcp.rules.tools.tool import PROJECT, Tool

VIEWS = f"{PROJECT}/conversations/views"
PAGE = "/inbox?view={short_id}"
TEAM = frozenset({"name", "filters"})

TOOLS = (
    Tool(
        name="conversations-views-list",
        title="List saved views",
        about="List the saved views of the ticket list that the caller sees.",
        method="GET",
        path=VIEWS,
        inputs=("limit", "offset"),
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-views-retrieve",
        title="Show a saved view",
        about="Show a saved view with its filters.",
        method="GET",
        path=f"{VIEWS}/{{short_id}}",
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-views-create",
        title="Save a view",
        about="Save named filters of the ticket list, for the team or for the caller alone.",
        method="POST",
        path=VIEWS,
        team=TEAM,
        link=PAGE,
    ),
    Tool(
        name="conversations-views-update",
        title="Change a saved view",
        about="Rename a saved view, or change who sees it; `filters` replaces all its filters.",
        method="PATCH",
        path=f"{VIEWS}/{{short_id}}",
        team=TEAM,
        link=PAGE,
        is_idempotent=True,
    ),
    Tool(
        name="conversations-tags-list",
        title="List tags",
        about="List the names of all tags of the project.",
        method="GET",
        path=f"{PROJECT}/tags",
        team=frozenset({"results"}),
    ),
    Tool(
        name="conversations-availability-list",
        title="List members",
        about="List the members to whom tickets can be assigned, and whether they take new work now.",
        method="GET",
        path=f"{PROJECT}/conversations/availability",
        inputs=("limit", "offset"),
        team=frozenset({"user", "name", "email", "first_name", "last_name"}),
    ),
    Tool(
        name="conversations-email-channels-list",
        title="List e-mail channels",
        about="List the addresses from which the project writes to its customers.",
        method="GET",
        path=f"{PROJECT}/conversations/email_channels",
        inputs=("limit", "offset"),
        shows=("id", "from_email", "from_name", "domain", "domain_verified", "is_default", "kind"),
        team=frozenset({"from_email", "from_name", "domain", "kind"}),
    ),
)
