"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, merging, participants, stream, suggesting

handlers = [
    *inbox.handlers,
    *changes.handlers,
    *suggesting.handlers,
    *participants.handlers,
    *merging.handlers,
    *stream.handlers,
]
