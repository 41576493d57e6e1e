"""The page of the inbox, its parts that a script loads anew, its saved views, and the stream that says when."""

from parley.inbox.inbox_page.pages import inbox, preferences, stream, views

handlers = [*inbox.handlers, *stream.handlers, *views.handlers, *preferences.handlers]
