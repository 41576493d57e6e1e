"""Errors of shares. The bodies without an envelope are PostHog's."""

from parley.kernel.errors import Invalid, PermissionDenied, PlainError


class SharingForbidden(PermissionDenied):
    """The organization shares nothing with the public."""

    default_detail = "Public sharing is disabled for this organization."


class PasswordProtectionIsOff(PlainError):
    """Nobody would be asked for the password."""

    def __init__(self) -> None:
        super().__init__(400, {"error": "Password protection must be enabled before creating passwords"})


class TooManySharePasswords(Invalid):
    """The share has as many passwords as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A share has at most {most} passwords. Delete one that is no longer needed.")


class IncorrectSharePassword(PlainError):
    """None of the passwords of the share."""

    def __init__(self) -> None:
        super().__init__(401, {"error": "Incorrect password"})


class NoSharePasswordNeeded(PlainError):
    """The share opens without a password."""

    def __init__(self) -> None:
        super().__init__(400, {"error": "This link needs no password"})


class StillLocked(PlainError):
    """A program asks for what only a password opens."""

    def __init__(self) -> None:
        super().__init__(401, {"type": "unlock"})
