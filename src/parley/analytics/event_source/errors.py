"""Errors of queries over events."""

from parley.kernel.errors import Invalid


class AnswerTooLarge(Invalid):
    """The answer has more letters than anybody could look at."""

    def __init__(self, most: int = 8 * 1024 * 1024) -> None:
        detail = (
            f"The answer is larger than {most // 1024 // 1024} MB. Ask for a shorter time, or for less of it."
        )
        super().__init__(detail, code="answer_too_large", attr="query")
