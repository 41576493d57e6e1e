"""The pages of dashboards (docs/analytics-pages.md#dashboards)."""

from typing import Any

from parley.analytics.dashboard_pages.pages import changes, dashboards, one

handlers: list[Any] = [*dashboards.handlers, *one.handlers, *changes.handlers]
