"""Fixtures of the inbox' tests."""

from parley.tickets.tests.conftest import customer, desk

__all__ = ["customer", "desk"]
