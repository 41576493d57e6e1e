"""What is refused, in the words of the protocol."""

from typing import ClassVar

from parley.kernel.errors import PlainError

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthRefused(PlainError):
    """A request of a program that is refused with `{"error": ..., "error_description": ...}` (RFC 6749, section 5.2)."""

    error: ClassVar[str] = "invalid_request"

    def __init__(self, description: str, *, error: str | None = None, status: int = 400) -> None:
        body = {"error": error or self.error, "error_description": description}
        super().__init__(status, body, dict(NO_STORE))


class InvalidRedirectUri(OAuthRefused):
    """A redirect URI of a registration that nobody may be sent to (RFC 7591, section 3.2.2)."""

    error = "invalid_redirect_uri"


class InvalidClientMetadata(OAuthRefused):
    """Something else about a registration (RFC 7591, section 3.2.2)."""

    error = "invalid_client_metadata"


class AuthorizationRefused(Exception):
    """A request for access that nobody is asked about. Without `location` the browser must not be sent anywhere."""

    def __init__(self, error: str, description: str, location: str | None) -> None:
        super().__init__(error)
        self.error, self.description, self.location = error, description, location
