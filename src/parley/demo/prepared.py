"""What the demo's team has prepared: quick actions with formatting and placeholders, and articles."""

from typing import Any

import msgspec

from parley.conversations.messages.rich_text import written
from parley.conversations.quick_actions.actions import create_quick_action
from parley.conversations.quick_actions.schemas import NewQuickAction
from parley.demo.rules import SPAN
from parley.demo.stage import Stage
from parley.inbox.composer.markdown import document_of
from parley.kernel.database.transaction import Db
from parley.knowledge.articles.actions import create_article
from parley.knowledge.articles.schemas import NewArticle

ASK = """Hello,

thank you for telling us. So that we can see what you see, please send us

- the **name of the board**
- the time at which it happened, and your browser
- a screenshot, if you can

{{agent.first_name}}"""

REFUND = """Hello,

I am sorry about that. **{{amount}} euros** are on their way back to you; it takes three to five days.

{{agent.first_name}}"""

SOLVED = """Hello,

I am glad that it works again. I close this conversation now; just write here if anything is left.

{{agent.first_name}}"""

QUICK_ACTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Ask for details of a fault", "What the developers need", ASK, {"tags": ["bug"], "status": "pending"}),
    ("Refund", "The amount is filled in by hand", REFUND, {"tags": ["billing", "refund"]}),
    ("Solved, goodbye", "Resolves the conversation", SOLVED, {"status": "resolved"}),
)

EXPORT = """## Exporting a board

1. Open the board and choose **Share**, then **Export**.
2. Choose *CSV* for spreadsheets, or *JSON* for programs.
3. The file is made in the background. A link to it comes by mail, and works for a day.

Tasks in the archive are left out unless you tick **With the archive**.

## When an export stops

Boards with more than 500 tasks take up to a minute. If nothing has come after ten, tell us the name of the board."""

INVOICES = """## Where invoices are

All invoices are in your account under **Billing**, from the first month on.

## Changing the name or the address

Owners change both under **Billing**, *Company details*. The next invoice has the new ones. Write to us if an earlier one
should have them, too: we send it again."""

ARTICLES = (
    ("Exporting a board", EXPORT, ["export"]),
    ("Invoices and company details", INVOICES, ["billing", "invoice"]),
)


async def store_prepared(db: Db, stage: Stage) -> None:
    """Make the quick actions and the articles, by the first of the agents."""
    stage.clock.at = stage.now - SPAN
    for agent in stage.agents[:1]:
        for name, description, text, actions in QUICK_ACTIONS:
            said = written("", msgspec.json.encode(document_of(text)).decode())
            new = NewQuickAction(
                name=name,
                description=description,
                content=said.content,
                rich_content=said.rich_content,
                actions=actions,
            )
            await create_quick_action(db, stage.services, agent, new)
        for title, content, tags in ARTICLES:
            article = NewArticle(title=title, content=content, tags=tags, state="published")
            await create_article(db, stage.services, agent, article)
