"""What can go wrong with an account at Twilio."""

from parley.kernel.errors import Invalid


class KeysRejected(Invalid):
    """Twilio does not take the account's credentials; the words are those of the wire format."""

    def __init__(self) -> None:
        super().__init__(
            "Twilio rejected these keys. Check your Account SID and auth token, then try again.",
            code="twilio_credentials_rejected",
            attr="accountSid",
        )


class KeysMissing(Invalid):
    """One of the two credentials is not there."""

    def __init__(self) -> None:
        super().__init__("Account SID and auth token must be provided")


class AccountClosed(Invalid):
    """The keys are right, and Twilio has suspended or closed the account."""

    def __init__(self, status: str) -> None:
        super().__init__(
            f"This Twilio account is {status}. Reactivate it in the console of Twilio, then try again.",
            attr="accountSid",
        )
