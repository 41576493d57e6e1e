"""The tools, as data: which request each of them is, what it takes and what it shows (docs/mcp.md)."""

from parley.mcp.rules.tools import analytics, knowledge, people, tickets, views
from parley.mcp.rules.tools.tool import Tool

TOOLS: tuple[Tool, ...] = (
    *tickets.TOOLS,
    *views.TOOLS,
    *knowledge.TOOLS,
    *people.TOOLS,
    *analytics.TOOLS,
)
