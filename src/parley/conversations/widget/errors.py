"""Errors of the widget's API: `{"error": ...}`, with `details` by field where a field is wrong."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from parley.kernel.errors import AppError, Invalid, ParseFailed, PermissionDenied
from parley.kernel.http.error_responses import answer_anything, answer_app_error, answer_http_exception

AnyRequest = Request[Any, Any, Any]


class WrongToken(PermissionDenied):
    """The token belongs to no project, or conversations are off in the project.

    It alone is answered as everywhere else in Parley.
    """

    default_detail = "Invalid token or conversations not enabled"


def in_words(request: AnyRequest, error: AppError) -> Response[Any]:
    """Render an error in the words of the widget."""
    if isinstance(error, (Invalid, ParseFailed)):
        details = {error.attr or "non_field_errors": [error.detail]}
        body: dict[str, Any] = {"error": "Invalid request data", "details": details}
        return Response(body, status_code=error.status, media_type="application/json")
    return _plain(answer_app_error(request, error))


def _refused_by_framework(request: AnyRequest, error: HTTPException) -> Response[Any]:
    return _plain(answer_http_exception(request, error))


def _unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    return _plain(answer_anything(request, error))


def _plain(answer: Response[Any]) -> Response[Any]:
    answer.content = {"error": answer.content["detail"]}
    return answer


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    WrongToken: answer_app_error,
    AppError: in_words,
    HTTPException: _refused_by_framework,
    Exception: _unexpected,
}
