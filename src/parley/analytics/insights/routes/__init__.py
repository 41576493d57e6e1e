"""The routes of insights: the API that keeps them, and the one that answers queries."""

from typing import Any

from parley.analytics.insights.routes import insights, queries

handlers: list[Any] = [*insights.handlers, *queries.handlers]
