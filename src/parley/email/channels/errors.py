"""Errors of e-mail channels."""

from parley.kernel.errors import AppError, Conflict


class AddressInUse(Conflict):
    """A channel has the address: of this project, or of another one that has proved its domain."""

    code = "address_in_use"
    default_detail = "This address is used by another e-mail channel."


class NotVerified(AppError):
    """Mail can't be sent from a channel whose domain is not proved."""

    status, type, code = 400, "invalid_request", "domain_not_verified"
    default_detail = "The domain of this channel is not verified yet."


class NotSent(AppError):
    """The mail server did not take a mail; the detail has its words."""

    status, type, code = 502, "server_error", "mail_not_sent"
    default_detail = "The mail server did not take the mail."
