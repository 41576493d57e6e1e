"""Errors of tickets with a code of their own."""

from parley.kernel.errors import AppError


class TicketMerged(AppError):
    """The ticket is merged into another one, and this can only be done to the target, or after un-merging."""

    status, type, code = 409, "invalid_request", "ticket_merged"

    def __init__(self, number: int, target: int) -> None:
        super().__init__(
            f"Ticket #{number} is merged into #{target}. Un-merge it first, or delete #{target}."
        )
