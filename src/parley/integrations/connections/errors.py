"""What can go wrong with an integration. The sentences of 400s are those of the wire format (docs/wire/integrations.md)."""

from parley.kernel.errors import AppError, Invalid, PermissionDenied


def errors_of_calls(service: str) -> dict[int, str]:
    """Return what the OpenAPI document says of the errors of a route that asks a service."""
    return {
        400: f"{service} accepts the account no more, or the integration is of another kind.",
        502: f"{service} does not answer, or with something that can't be used.",
    }


class KindNotSupported(Invalid):
    """Nothing of this kind can be connected, or not in this way."""

    def __init__(self) -> None:
        super().__init__("Kind not supported", attr="kind")


class KindNotConfigured(Invalid):
    """The owner of the server has not registered it with this service."""

    def __init__(self) -> None:
        super().__init__("Kind not configured", attr="kind")


class NotAdmin(PermissionDenied):
    """Only admins connect and disconnect."""

    default_detail = "You don't have sufficient permissions in the project."


class WrongKind(Invalid):
    """The integration is none of those that this route is for."""

    def __init__(self, wanted: str, found: str) -> None:
        super().__init__(
            f"This works only with an integration of the kind {wanted}, and this one is {found}."
        )


class TokenNotRefreshed(Invalid):
    """The service gave no new token when the old one was to be replaced."""

    def __init__(self) -> None:
        super().__init__(
            "This integration's authentication token could not be refreshed. "
            "Please reconnect or disconnect this integration and connect a different account."
        )


class CredentialsRejected(Invalid):
    """The service does not accept the token or password any more (401)."""

    def __init__(self) -> None:
        super().__init__(
            "This integration's authentication is no longer valid. "
            "Please reconnect or disconnect this integration and connect a different account."
        )


class NotPermitted(Invalid):
    """The account may not do this at the service (403)."""

    def __init__(self) -> None:
        super().__init__(
            "This integration does not have permission to access this resource. "
            "Please check the account permissions on the provider side."
        )


class UpstreamFailed(AppError):
    """The service was silent, or sent what can't be used. The same call may succeed later."""

    status, type, code = 502, "server_error", "upstream_failed"


class UpstreamRefused(UpstreamFailed):
    """The service understood the call and said no, with a status that has no meaning of its own here."""

    code = "upstream_refused"

    def __init__(self, name: str, upstream_status: int, body: bytes = b"") -> None:
        super().__init__(f"{name} refused the request with status {upstream_status}.")
        self.upstream_status = upstream_status
        self.upstream_body = body
        """The start of what the service said, for those who know its codes; it is not shown."""


class UpstreamRateLimited(UpstreamFailed):
    """The service takes no more calls of this project for `wait_s` seconds."""

    code = "upstream_rate_limited"

    def __init__(self, name: str, wait_s: int) -> None:
        super().__init__(
            f"{name} takes no more requests at the moment. Please try again in {wait_s} seconds.",
            headers={"Retry-After": str(wait_s)},
        )
        self.wait_s = wait_s
