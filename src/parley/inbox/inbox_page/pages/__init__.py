"""The page of the inbox, its parts that a script loads anew, saved views, first steps, and the stream that says when."""

from parley.inbox.inbox_page.pages import first_steps, inbox, preferences, stream, views

handlers = [*inbox.handlers, *stream.handlers, *views.handlers, *preferences.handlers, *first_steps.handlers]
