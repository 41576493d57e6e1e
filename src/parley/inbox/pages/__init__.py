"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, merging, participants, stream

handlers = [
    *inbox.handlers,
    *changes.handlers,
    *participants.handlers,
    *merging.handlers,
    *stream.handlers,
]
