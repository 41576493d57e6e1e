"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, stream

handlers = [*inbox.handlers, *changes.handlers, *stream.handlers]
