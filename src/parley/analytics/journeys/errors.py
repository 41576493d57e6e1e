"""Errors of customer journeys."""

from parley.kernel.errors import Conflict, Invalid


class JourneyExists(Conflict):
    """Another journey of the project follows the same insight."""

    default_detail = "A customer journey already exists for this insight."


def no_such_insight(id: int) -> Invalid:
    """Return the error for the number of an insight that isn't there."""
    return Invalid(f'Invalid pk "{id}" - object does not exist.', code="does_not_exist", attr="insight")


def insight_of_another_team() -> Invalid:
    """Return the error for an insight of another project."""
    return Invalid("The insight does not belong to this team.", attr="insight")
