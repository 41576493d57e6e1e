"""The pages of insights (docs/analytics-pages.md)."""

from typing import Any

from parley.analytics.insight_pages.pages import editor, insights, one

handlers: list[Any] = [*insights.handlers, *editor.handlers, *one.handlers]
