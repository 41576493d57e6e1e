"""Jobs of accounts."""

from parley.accounts.jobs import expiry, invitations, password_reset

__all__ = ["expiry", "invitations", "password_reset"]
