"""The agents' inbox."""

from parley.tickets.pages import changes, inbox, stream

handlers = [*inbox.handlers, *changes.handlers, *stream.handlers]
