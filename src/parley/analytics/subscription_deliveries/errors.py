"""Refusals of test deliveries, in the shape that the wire format has for them."""

from parley.kernel.errors import PlainError

DISABLED = "Subscription is disabled. Re-enable it before sending a test delivery."
IN_PROGRESS = "Delivery already in progress"


class TestDeliveryRefused(PlainError):
    """No test delivery begins now; the detail says why."""

    __test__ = False  # pytest takes the name for that of a test

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(409, {"detail": detail})
