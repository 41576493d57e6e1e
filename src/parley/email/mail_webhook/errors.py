"""What the webhook answers instead of 200. Any of these makes the provider try again, and give up after some hours."""

from parley.kernel.errors import PlainError


def invalid_signature() -> PlainError:
    """Return the error for a request that the provider has not signed, or not lately, or that is used again."""
    return PlainError(403, {"error": "Invalid signature"})


def invalid_recipient() -> PlainError:
    """Return the error for an address that is no forwarding address."""
    return PlainError(400, {"error": "Invalid recipient"})


def unknown_recipient() -> PlainError:
    """Return the error for a forwarding address that belongs to no channel."""
    return PlainError(404, {"error": "Unknown recipient"})
