"""What can go wrong with a number as a channel."""

from parley.kernel.errors import Invalid, PlainError


class NumberInUse(Invalid):
    """The number is a channel already."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"This number takes text messages for {where} already. Disconnect it there first.",
            code="in_use",
            attr="phone_number",
        )


class NoSuchNumber(Invalid):
    """The account has no such number."""

    def __init__(self) -> None:
        super().__init__(
            "The account has no such number. Buy it in the console of Twilio, or choose another one.",
            code="does_not_exist",
            attr="phone_number",
        )


class NoTexts(Invalid):
    """The number can't take text messages."""

    def __init__(self) -> None:
        super().__init__(
            "This number takes no text messages: it has no capability SMS at Twilio.", attr="phone_number"
        )


def invalid_signature() -> PlainError:
    """Return the answer to whoever is not Twilio, or not for a number that is connected here."""
    return PlainError(403, {"error": "Invalid signature"})
