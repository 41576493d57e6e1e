"""Errors of domains, and of people whose domain says how they sign in."""

from parley.kernel.errors import Invalid


class SsoEnforced(Invalid):
    """People of this domain sign in with its provider only. The same for addresses that nobody has."""

    def __init__(self, detail: str, *, provider: str) -> None:
        super().__init__(detail, code="sso_enforced")
        self.provider = provider


class WouldBlockSelf(Invalid):
    """The change could keep the very admin out who makes it."""

    def __init__(self, detail: str, *, attr: str | None = None) -> None:
        super().__init__(detail, code="would_block_self", attr=attr)


class NoBreakGlass(WouldBlockSelf):
    """No owner could get in if the provider failed."""
