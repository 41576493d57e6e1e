"""The pages of subscriptions (docs/subscriptions.md#pages)."""

from typing import Any

from parley.analytics.subscription_pages.pages import editor, one, subscriptions

handlers: list[Any] = [*subscriptions.handlers, *editor.handlers, *one.handlers]
