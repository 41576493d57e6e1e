"""What the buttons of the form to write in do."""

from parley.inbox.sending.pages import inserting, messages, notes, suggesting, undoing

handlers = [
    *messages.handlers,
    *notes.handlers,
    *inserting.handlers,
    *suggesting.handlers,
    *undoing.handlers,
]
