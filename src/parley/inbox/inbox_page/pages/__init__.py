"""The page of the inbox, its parts that a script loads anew, and the stream that says when."""

from parley.inbox.inbox_page.pages import inbox, stream

handlers = [*inbox.handlers, *stream.handlers]
