"""Errors of SCIM, in the shape of RFC 7644, section 3.12: the status is a text there."""

from typing import Any, ClassVar

from parley.accounts.scim_messages import ERROR_SCHEMA
from parley.kernel.errors import AppError


def error_body(status: int, detail: str, scim_type: str | None = None) -> dict[str, Any]:
    """Return the JSON object that an identity provider gets."""
    kind = {"scimType": scim_type} if scim_type else {}
    return {"schemas": [ERROR_SCHEMA], "status": str(status), **kind, "detail": detail}


class ScimError(AppError):
    """What is wrong with a request; `scim_type` is the keyword that the RFC has for it, if it has one."""

    status, type, code = 400, "invalid_request", "scim_error"
    scim_type: ClassVar[str | None] = None

    def body(self) -> dict[str, Any]:
        return error_body(self.status, self.detail, self.scim_type)


class ScimTokenMissing(ScimError):
    """The request has no bearer token."""

    status, code = 401, "scim_token_missing"
    default_detail = "No bearer token provided"


class ScimTokenRefused(ScimError):
    """The domain, its state or the token is wrong; which of these, a stranger isn't told."""

    status, code = 403, "scim_token_refused"
    default_detail = "Authentication failed"


class InvalidResource(ScimError):
    """An attribute is missing, or has a value that can't be."""

    code, scim_type = "scim_invalid_value", "invalidValue"


class InvalidOperation(ScimError):
    """An operation of a PATCH can't be read, or can't be done."""

    code, scim_type = "scim_invalid_path", "invalidPath"


class AlreadyExists(ScimError):
    """Somebody or something of this name is there already."""

    status, code, scim_type = 409, "scim_uniqueness", "uniqueness"


class ProtectedUser(ScimError):
    """The person is above what an identity provider may do."""

    status, code = 403, "scim_protected_user"


class ResourceNotFound(ScimError):
    """There is no such resource, or the token doesn't reach it."""

    status, code = 404, "scim_not_found"


class MethodRefused(ScimError):
    """The resource can't be used so."""

    status, code = 405, "scim_method_not_allowed"
    default_detail = "This endpoint does not support the method."


class NotOffered(ScimError):
    """The RFC has such an endpoint, Parley doesn't."""

    status, code = 501, "scim_not_implemented"
    default_detail = "This endpoint is not offered. Search with filters on /Users and /Groups."
