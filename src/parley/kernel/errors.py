"""Errors as the clients see them: the envelope `{type, code, detail, attr}` (docs/wire/requests.md#errors)."""

from typing import Any, ClassVar


class AppError(Exception):
    """An error with its own status, rendered in the envelope.

    Subclasses set `status`, `type` and `code`; `detail` is a sentence for people, `attr` the field at fault
    (nested ones joined by two underscores) or None. `headers` go out with the answer.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: str = "error"
    default_detail: ClassVar[str] = "A server error occurred."

    def __init__(
        self, detail: str | None = None, *, attr: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.detail = detail if detail is not None else self.default_detail
        self.attr = attr
        self.headers = headers or {}
        super().__init__(self.detail)

    def body(self) -> dict[str, Any]:
        """Return the JSON object that the client gets."""
        return {"type": self.type, "code": self.code, "detail": self.detail, "attr": self.attr}


class Invalid(AppError):
    """A field (or, without `attr`, the whole body) breaks a rule."""

    status, type = 400, "validation_error"

    def __init__(self, detail: str, *, code: str = "invalid_input", attr: str | None = None) -> None:
        super().__init__(detail, attr=attr)
        self.code = code


def blank(attr: str | None) -> Invalid:
    """Return the error for a text that is empty."""
    return Invalid("This field may not be blank.", code="blank", attr=attr)


def not_a_choice(value: object, attr: str | None) -> Invalid:
    """Return the error for a value that is none of those which a field can have."""
    return Invalid(f'"{str(value)[:100]}" is not a valid choice.', code="invalid_choice", attr=attr)


def too_long(most: int, attr: str | None, unit: str = "characters") -> Invalid:
    """Return the error for a field with more than `most` characters, elements or bytes."""
    return Invalid(f"Ensure this field has no more than {most} {unit}.", code="max_length", attr=attr)


class ParseFailed(AppError):
    """The body is not what its content type says."""

    status, type, code = 400, "invalid_request", "parse_error"
    default_detail = "The request body could not be parsed."


class NotAuthenticated(AppError):
    """The request carries no credentials."""

    status, type, code = 401, "authentication_error", "not_authenticated"
    default_detail = "Authentication credentials were not provided."


class AuthenticationFailed(AppError):
    """The request carries credentials that are not valid."""

    status, type, code = 401, "authentication_error", "authentication_failed"
    default_detail = "Incorrect authentication credentials."


class PermissionDenied(AppError):
    """The caller is known and may not do this."""

    status, type, code = 403, "authentication_error", "permission_denied"
    default_detail = "You do not have permission to perform this action."


class NotFound(AppError):
    """The object does not exist, or the caller may not know that it does."""

    status, type, code = 404, "invalid_request", "not_found"
    default_detail = "Not found."


class MethodNotAllowed(AppError):
    """The path exists, this method on it doesn't."""

    status, type, code = 405, "invalid_request", "method_not_allowed"

    def __init__(self, method: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f'Method "{method}" not allowed.', headers=headers)


class RequestTimeout(AppError):
    """The body did not arrive in time; the connection is closed."""

    status, type, code = 408, "invalid_request", "request_timeout"
    default_detail = "The request body did not arrive in time."

    def __init__(self) -> None:
        super().__init__(headers={"Connection": "close"})


class Conflict(AppError):
    """The request is well-formed and contradicts what is stored."""

    status, type, code = 409, "server_error", "conflict"
    default_detail = "The request conflicts with the current state."


class IdempotencyKeyInUse(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_key_in_use"
    default_detail = "A request with this Idempotency-Key is still running. Send it again in a moment."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class IdempotencyKeyReused(AppError):
    """The key was used for another request."""

    status, type, code = 422, "validation_error", "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used for another request. Take a new one for a new request."


class TooLarge(AppError):
    """The body is larger than this route accepts."""

    status, type, code = 413, "invalid_request", "request_too_large"
    default_detail = "The request body is too large."


class TargetTooLong(AppError):
    """The path and query of a request are longer, or have more parameters, than any route needs."""

    status, type, code = 414, "invalid_request", "uri_too_long"
    default_detail = "The address of the request is too long, or has too many parameters."


class HeadersTooLarge(AppError):
    """The header fields of a request are larger than any route needs."""

    status, type, code = 431, "invalid_request", "headers_too_large"
    default_detail = "The header fields of the request are too large."


class UnsupportedMediaType(AppError):
    """The route doesn't read this content type."""

    status, type, code = 415, "invalid_request", "unsupported_media_type"

    def __init__(self, media_type: str) -> None:
        super().__init__(f'Unsupported media type "{media_type}" in request.')


class Throttled(AppError):
    """Too many requests; `Retry-After` says when the next one passes."""

    status, type, code = 429, "throttled_error", "throttled"

    def __init__(self, wait_s: int, detail: str | None = None, headers: dict[str, str] | None = None) -> None:
        text = detail or f"Request was throttled. Expected available in {wait_s} seconds."
        super().__init__(text, headers={**(headers or {}), "Retry-After": str(wait_s)})


class Unavailable(AppError):
    """A service that Parley needs does not answer; the same request may pass later."""

    status, type, code = 503, "server_error", "service_unavailable"
    default_detail = "The database is not available at the moment. Please try again."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


class TooManyAtOnce(AppError):
    """The sender's network has too many requests that are still waiting for their answers."""

    status, type, code = 503, "server_error", "too_many_at_once"
    default_detail = (
        "Too many requests from your network are waiting for their answers. Please try again in a moment."
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class TransactionConflict(Unavailable):
    """The database gave up the transaction because of other ones, each time that it was tried."""


class PlainError(Exception):
    """An error whose body is fixed by the wire format and isn't the envelope, such as `{"error": ...}`."""

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}
        super().__init__(str(body))
