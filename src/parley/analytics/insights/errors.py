"""Errors of queries."""

from collections.abc import Mapping
from typing import Any

from parley.kernel.errors import AppError, Throttled


class QueryFailed(AppError):
    """Why somebody else, who asked the same, had no answer."""

    def __init__(self, failure: Mapping[str, Any]) -> None:
        super().__init__(str(failure["detail"]), attr=failure["attr"])
        self.status = int(failure["status"])  # type: ignore[misc]  # as it was there
        self.type = str(failure["type"])  # type: ignore[misc]
        self.code = str(failure["code"])


class TooManyRuns(Throttled):
    """The organization has as many queries under way that nobody waits for as it may have."""

    def __init__(self) -> None:
        super().__init__(10, "Too many queries of this organization are under way. Try again in 10 seconds.")


def failure_of(error: AppError) -> dict[str, Any]:
    """Return an error as it is kept, for `QueryFailed`."""
    return {**error.body(), "status": error.status}
