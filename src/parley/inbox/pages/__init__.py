"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, merging, people, stream

handlers = [
    *inbox.handlers,
    *changes.handlers,
    *people.handlers,
    *merging.handlers,
    *stream.handlers,
]
