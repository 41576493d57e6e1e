"""The pages of customer journeys (docs/analytics-pages.md#journeys)."""

from typing import Any

from parley.analytics.journey_pages.pages import journeys, one, people, standing

handlers: list[Any] = [*journeys.handlers, *one.handlers, *people.handlers, *standing.handlers]
