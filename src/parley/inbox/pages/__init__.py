"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, people, stream

handlers = [*inbox.handlers, *changes.handlers, *people.handlers, *stream.handlers]
