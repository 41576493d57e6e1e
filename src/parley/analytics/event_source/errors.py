"""Errors of queries over events."""

from parley.kernel.errors import AppError, Invalid


class QueryTookTooLong(AppError):
    """The query was stopped at its time limit."""

    status, type, code = 504, "server_error", "query_too_slow"
    default_detail = "The query took too long and was stopped. Ask for a shorter time, or for less of it."


class AnswerTooLarge(Invalid):
    """The answer has more letters than anybody could look at."""

    def __init__(self, most: int = 8 * 1024 * 1024) -> None:
        detail = (
            f"The answer is larger than {most // 1024 // 1024} MB. Ask for a shorter time, or for less of it."
        )
        super().__init__(detail, code="answer_too_large", attr="query")
