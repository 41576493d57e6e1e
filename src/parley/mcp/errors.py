"""Why somebody isn't let in to MCP."""

from parley.kernel.errors import AppError, AuthenticationFailed, PermissionDenied


class TokenNeeded(AuthenticationFailed):
    """The request has no bearer token, or one that isn't valid. The answer says where a client finds out how to get one."""

    default_detail = "Send a personal API key or an access token as `Authorization: Bearer ...`."


class ForeignOrigin(PermissionDenied):
    """A web page of another site asks, or the request is for a host that isn't this server."""


class MisdirectedHost(AppError):
    """The Host header names another server (RFC 9110, section 15.5.20), as after DNS rebinding."""

    status, type, code = 421, "invalid_request", "misdirected_request"
    default_detail = "The Host header names another server. Connect to the address in PARLEY_SITE_URL."


class ToolProblem(Exception):
    """Why a tool could not do what was asked, in a sentence for whoever called it; `code` and `attr` are the API's."""

    def __init__(self, detail: str, code: str | None = None, attr: str | None = None) -> None:
        self.detail, self.code, self.attr = detail, code, attr
        super().__init__(detail)
