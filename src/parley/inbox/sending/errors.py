"""What keeps a message from being sent."""

from collections.abc import Sequence

from parley.kernel.errors import Invalid


class AnsweredMeanwhile(Invalid):
    """A reply to a conversation that a colleague has answered since the form was filled; it is refused once."""

    def __init__(self, answered: str) -> None:
        super().__init__(
            f"It is not sent yet: {answered} Send it all the same?",
            code="answered_meanwhile",
            attr="content",
        )


class Unfilled(Invalid):
    """A reply that still has placeholders."""

    def __init__(self, placeholders: Sequence[str]) -> None:
        self.placeholders = placeholders
        verb, where = ("are", "their places") if placeholders[1:] else ("is", "its place")
        super().__init__(
            f"It is not sent yet: {', '.join(placeholders)} {verb} not filled in. "
            f"Write what belongs in {where}, or send it as it is.",
            code="placeholder",
            attr="content",
        )
