"""Fixtures of the tests of mail: those of conversations, whose tickets mails are on."""

from parley.conversations.conftest import customer, desk

__all__ = ["customer", "desk"]
