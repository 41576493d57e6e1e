"""What the buttons of the form to write in do."""

from parley.inbox.sending.pages import messages, suggesting

handlers = [*messages.handlers, *suggesting.handlers]
