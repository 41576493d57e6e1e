"""Errors of queries over events."""

from parley.kernel.errors import AppError


class QueryTookTooLong(AppError):
    """The query was stopped at its time limit."""

    status, type, code = 504, "server_error", "query_too_slow"
    default_detail = "The query took too long and was stopped. Ask for a shorter time, or for less of it."
