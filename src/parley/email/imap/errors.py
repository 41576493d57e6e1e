"""Errors of mailboxes."""

from parley.kernel.errors import AppError


class MailboxRefused(AppError):
    """The mailbox can't be read with these settings; the detail says why, in the server's words where it has any."""

    status, type, code = 400, "validation_error", "mailbox_refused"
    default_detail = "The mail server did not open the mailbox."


class NotOurServer(AppError):
    """Parley doesn't connect to this server."""

    status, type, code = 400, "validation_error", "invalid_host"
    default_detail = "Parley does not connect to this server."
