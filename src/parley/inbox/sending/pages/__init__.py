"""What the buttons of the form to write in do."""

from parley.inbox.sending.pages import messages, notes, suggesting, undoing

handlers = [*messages.handlers, *notes.handlers, *suggesting.handlers, *undoing.handlers]
