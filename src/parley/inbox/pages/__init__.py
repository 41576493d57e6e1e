"""The agents' inbox."""

from parley.inbox.pages import changes, inbox, merging, participants, stream, suggesting, whole_mail

handlers = [
    *inbox.handlers,
    *changes.handlers,
    *suggesting.handlers,
    *whole_mail.handlers,
    *participants.handlers,
    *merging.handlers,
    *stream.handlers,
]
