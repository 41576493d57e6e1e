"""The doors of accounts: one module for each noun."""

from typing import Any

handlers: list[Any] = []
