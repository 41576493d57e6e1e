"""The fixtures of mail that goes out."""

from parley.email.outbound.tests.conftest import channel, customer, desk, post

__all__ = ["channel", "customer", "desk", "post"]
