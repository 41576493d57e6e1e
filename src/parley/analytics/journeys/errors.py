"""Errors of customer journeys."""

from parley.kernel.errors import Conflict, Invalid


class JourneyExists(Conflict):
    """Another journey of the project follows the same insight."""

    default_detail = "A customer journey already exists for this insight."


def no_funnel() -> Invalid:
    """Return the error for a journey whose insight is no funnel, so that nobody is at a step of it."""
    return Invalid(
        "The insight of this journey is no funnel that can be read. Choose another one.", attr="insight"
    )


def no_such_step(n_steps: int) -> Invalid:
    """Return the error for a step that the funnel doesn't have."""
    return Invalid(f"The steps of this journey are 1 to {n_steps}.", attr="step")


def no_boolean(attr: str) -> Invalid:
    """Return the error for what is neither true nor false."""
    return Invalid("Must be true or false.", attr=attr)


def no_such_insight(id: int) -> Invalid:
    """Return the error for the number of an insight that isn't there."""
    return Invalid(f'Invalid pk "{id}" - object does not exist.', code="does_not_exist", attr="insight")


def insight_of_another_team() -> Invalid:
    """Return the error for an insight of another project."""
    return Invalid("The insight does not belong to this team.", attr="insight")
