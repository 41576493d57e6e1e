"""Errors of capture: plain text, fixed by the wire format (docs/wire/capture.md#errors)."""

from parley.kernel.errors import AuthenticationFailed, PlainError


class CaptureRefused(PlainError):
    """A request of an SDK that is refused; nothing of it is stored."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(status, text)
        self.text = text


class UndecodableBody(CaptureRefused):
    """The body is not compressed or encoded as it says."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to decode request: {reason}")


class UnparsableBody(CaptureRefused):
    """The decoded body is no JSON, or not the JSON that events have."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to parse request: {reason}")


class CaptureTooLarge(CaptureRefused):
    """The body is larger than a request may be, as sent or once it is decompressed."""

    def __init__(self) -> None:
        super().__init__("length limit exceeded", 413)


class TokenRefused(CaptureRefused):
    """The project token is missing, given twice with different values, or not well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__(text, 401)


class InvalidProjectToken(AuthenticationFailed):
    """No project has this token; only routes that answer from a project's settings say so."""

    code = "invalid_api_key"
    default_detail = "Project API key invalid. You can find your project API key in the project's settings."
